import { beforeAll, describe, expect, it } from "vitest";
import { markedFolder } from "./marked-folder.ts";
import { answer } from "./run-in-process.ts";
import { hasThirdParty, thirdParty } from "./third-party-model.ts";

const { cwd, write, read, detect } = markedFolder();

describe("detect ends with status 2 and one sentence", () => {
  const base = ["detect", "--key-file", "a.key"];
  const refusals: readonly [what: string, args: readonly string[], message: RegExp][] = [
    ["neither scheme nor profile", [...base, "out.txt"], /wanted --scheme NAME or --profile FILE/],
    [
      "scheme and profile",
      [...base, "--scheme", "kgw", "--profile", "p.json", "out.txt"],
      /wanted none beside --profile/,
    ],
    ["scheme none", [...base, "--scheme", "none", "out.txt"], /Allowed choices are/],
    ["no text", [...base, "--scheme", "kgw"], /missing required argument 'file'/],
    ["a missing text", [...base, "--scheme", "kgw", "none.txt"], /none\.txt: cannot be read, there is no such file/],
    ["a folder for a text", [...base, "--scheme", "kgw", "."], /cannot be read, it is a folder/],
    ["an empty text", [...base, "--scheme", "kgw", "empty.txt"], /empty\.txt: wanted a text, got an empty one/],
    ["bytes that are no text", [...base, "--scheme", "kgw", "bytes.bin"], /wanted text in UTF-8/],
    [
      "alpha 0",
      [...base, "--scheme", "kgw", "--alpha", "0", "out.txt"],
      /alpha: wanted a number strictly between 0 and 1/,
    ],
    ["alpha of words", [...base, "--scheme", "kgw", "--alpha", "low", "out.txt"], /Wanted a number/],
    ["a profile that is no JSON", [...base, "--profile", "out.txt", "out.txt"], /wanted JSON/],
    ["a profile with an unknown field", [...base, "--profile", "odd.json", "out.txt"], /unknown field "extra"/],
    [
      "a profile of another key",
      ["detect", "--key-file", "other.key", "--profile", "p.json", "out.txt"],
      /profile's key [0-9a-f]{16}, got key [0-9a-f]{16}; a verdict under another key/,
    ],
    [
      "a profile of another tokenizer",
      [...base, "--profile", "foreign.json", "out.txt"],
      /tokenizer: wanted the profile's .*--model DIR/,
    ],
    [
      "a profile of another vocabulary",
      [...base, "--profile", "wide.json", "out.txt"],
      /vocabularySize: wanted the profile's 50257 .*--model DIR/,
    ],
    [
      "a receipt of another tokenizer",
      [...base, "--profile", "foreign.json", "--ids", "r.json"],
      /tokenizer: wanted the profile's/,
    ],
    [
      "ids beyond the vocabulary",
      [...base, "--profile", "p.json", "--ids", "high.json"],
      /ids\[1\]: wanted an id below the profile's/,
    ],
    ["ids that are none", [...base, "--scheme", "kgw", "--ids", "odd-ids.json"], /ids\[1\]: wanted a token id/],
    ["no ids", [...base, "--scheme", "kgw", "--ids", "no-ids.json"], /wanted at least one token id/],
    ["a receipt that is none", [...base, "--scheme", "kgw", "--ids", "p.json"], /receipt\.format/],
    [
      "a model folder without tokenizer",
      [...base, "--scheme", "kgw", "--model", ".", "out.txt"],
      /wanted the file config\.json/,
    ],
    ["an option nobody knows", [...base, "--scheme", "kgw", "--fast", "out.txt"], /unknown option '--fast'/],
    ["a command nobody knows", ["detekt", "out.txt"], /unknown command 'detekt'/],
  ];
  beforeAll(() => {
    const profile = JSON.parse(read("p.json"));
    const { tokenizer } = profile;
    write("empty.txt", "");
    write("bytes.bin", Uint8Array.of(0x25, 0xff, 0xfe, 0x00));
    write("odd.json", JSON.stringify({ ...profile, extra: 1 }));
    write("foreign.json", JSON.stringify({ ...profile, tokenizer: { ...tokenizer, sha256: "0".repeat(64) } }));
    write("wide.json", JSON.stringify({ ...profile, tokenizer: { ...tokenizer, vocabularySize: 50257 } }));
    write("high.json", "[1, 70000]");
    write("odd-ids.json", '[1, "2"]');
    write("no-ids.json", "[]");
  });

  it.each(refusals)("%s", async (_what, args, message) => {
    const { status, stdout, stderr } = await answer(args, { cwd });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^tokenmark: [^\n]+\n(\([^\n]*\n)*$/);
  });

  it.runIf(hasThirdParty)("a receipt shown with another model's tokenizer", async () => {
    const { status, stderr } = await detect("--ids", "--explain", "--model", thirdParty, "r.json");
    expect(status).toBe(2);
    expect(stderr).toMatch(/wanted the receipt's .*--model DIR/);
  });

  it("a model that TOKENMARK_MODEL names and is not there", async () => {
    const args = ["detect", "--scheme", "gumbel", "--key-file", "a.key", "out.txt"];
    const { status, stderr } = await answer(args, { cwd, env: { TOKENMARK_MODEL: "./none" } });
    expect(status).toBe(2);
    expect(stderr).toBe("tokenmark: model: wanted a folder that exists or a hub id, got ./none\n");
  });
});
