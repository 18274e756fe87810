import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hasThirdParty, thirdParty } from "./model-folders.ts";
import { answer } from "./run-in-process.ts";
import { temporaryFolder, tokenmark } from "./run-tokenmark.ts";

const cwd = temporaryFolder();
const write = (name: string, content: string | Uint8Array): void =>
  writeFileSync(join(cwd, name), content, { mode: 0o600 });
const run = (...args: string[]) => answer(args, { cwd });
const detect = (...args: string[]) => run("detect", "--scheme", "gumbel", "--key-file", "a.key", ...args);
const PROMPT = "The people of the city";

beforeAll(async () => {
  write("a.key", "5a".repeat(32));
  write("other.key", "a5".repeat(32));
  write("prompt.txt", `${PROMPT}\n`);
  const generated = await run(
    ..."generate --scheme gumbel --key-file a.key --seed 3 --max-tokens 60 --receipt r.json".split(" "),
    PROMPT,
  );
  expect(generated.status).toBe(0);
  write("out.txt", generated.stdout);
  await run(..."profile create --scheme gumbel --key-file a.key --out p.json".split(" "));
});

describe("detect", () => {
  it("prints one JSON object with the whole record, the scheme's configuration and the key's public id", async () => {
    const { status, stdout, stderr } = await detect("--json", "out.txt");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout.endsWith("}\n") && !stdout.slice(0, -1).includes("\n")).toBe(true);
    const record = JSON.parse(stdout);
    expect(record).toMatchObject({ scheme: "gumbel", verdict: "marked", alpha: 1e-6, tail: "exact", power: null });
    expect(record.config).toEqual({ scheme: "gumbel", contextWidth: 4 });
    expect(record.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(Math.log10(record.pValue)).toBeCloseTo(record.log10PValue, 6);
  });

  it("says to people the verdict, the figures, the unknown power, and that a p-value speaks of the key", async () => {
    const { status, stdout } = await detect("out.txt");
    expect(status).toBe(1);
    for (const wanted of [
      /^Carries the mark of gumbel under this key/,
      /verdict +marked/,
      /p-value +\d\.\de-\d+ \(log10 p = -\d/,
      /tokens scored +\d+ of \d+/,
      /alpha +1\.0e-6/,
      /power +unknown: nobody measured/,
      /speaks of the key, not of authorship/,
    ])
      expect(stdout).toMatch(wanted);
  });

  it("reads standard input for -, with the same answer", async () => {
    const args = ["detect", "--profile", "p.json", "--key-file", "a.key", "--json", "-"];
    const piped = await tokenmark(args, { cwd, stdin: readFileSync(join(cwd, "out.txt"), "utf8") });
    expect(piped).toEqual(await run(...args.slice(0, -1), "out.txt"));
    expect(piped.status).toBe(1);
  });

  it("holds the verdict to the alpha it is given", async () => {
    const { status, stdout } = await detect("--alpha", "1e-200", "--json", "out.txt");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ alpha: 1e-200, verdict: "cannot-tell" });
  });

  it("scores the first tokens too when it knows the prompt", async () => {
    const [without, with_] = [
      await detect("--json", "out.txt"),
      await detect("--json", "--prompt", "prompt.txt", "out.txt"),
    ];
    expect(JSON.parse(without.stdout).tokensUnscoreable).toBe(4);
    expect(JSON.parse(with_.stdout).tokensUnscoreable).toBe(0);
  });

  it("takes ids: a receipt, prompt included, or a bare array with or without its prompt", async () => {
    const receipt = JSON.parse(readFileSync(join(cwd, "r.json"), "utf8"));
    write("ids.json", JSON.stringify(receipt.tokens));
    const [whole, bare, prompted] = [
      await detect("--json", "--ids", "r.json"),
      await detect("--json", "--ids", "ids.json"),
      await detect("--json", "--ids", "--prompt", "prompt.txt", "ids.json"),
    ];
    expect([whole.status, bare.status, prompted.status]).toEqual([1, 1, 1]);
    expect(JSON.parse(whole.stdout).tokensUnscoreable).toBe(0);
    expect(JSON.parse(bare.stdout).tokensUnscoreable).toBe(4);
    expect(prompted.stdout).toBe(whole.stdout);
  });

  it("finds nothing under another key, with status 0", async () => {
    const { status, stdout } = await run(
      "detect",
      "--scheme",
      "gumbel",
      "--key-file",
      "other.key",
      "--json",
      "out.txt",
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout).log10PValue).toBeGreaterThan(-5);
  });

  it("cannot tell of three tokens, and never prints NaN", async () => {
    write("three.txt", "the people of");
    for (const scheme of ["kgw", "unigram", "synthid", "gumbel", "dual-gumbel"]) {
      const { status, stdout } = await run("detect", "--scheme", scheme, "--key-file", "a.key", "--json", "three.txt");
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ tokensTotal: 3, verdict: "cannot-tell" });
      expect(stdout).not.toMatch(/NaN|null,"log10|Infinity/);
    }
  });
});

describe("detect --explain", () => {
  const introducer = "\x1b[";

  it("colours the text on demand; shows marks under it into a pipe and under NO_COLOR", async () => {
    const args = ["detect", "--scheme", "gumbel", "--key-file", "a.key", "--explain", "out.txt"];
    const [piped, forced, refused] = [
      await answer(args, { cwd }),
      await answer(args, { cwd, env: { FORCE_COLOR: "1" } }),
      await answer(args, { cwd, env: { FORCE_COLOR: "1", NO_COLOR: "1" } }),
    ];
    expect([piped.status, forced.status, refused.status]).toEqual([1, 1, 1]);
    expect(forced.stdout).toContain(`${introducer}30;48;5;40m`);
    expect(piped.stdout).not.toContain(introducer);
    expect(refused.stdout).toBe(piped.stdout);
    expect(piped.stdout).toMatch(/^ *[.:+#]+[ .:+#]*$/m);
    expect(piped.stdout).toMatch(/evidence, under each token/);
  });

  it("gives with --json every token's characters, which together are the text, and its evidence", async () => {
    for (const input of [["out.txt"], ["--ids", "r.json"]]) {
      const { tokens } = JSON.parse((await detect("--json", "--explain", ...input)).stdout);
      expect(tokens.map(({ text }: { text: string }) => text).join("")).toBe(
        readFileSync(join(cwd, "out.txt"), "utf8"),
      );
      expect(tokens.at(-1)).toMatchObject({ why: "counted", evidence: expect.any(Number), token: expect.any(Number) });
    }
  });

  it("never sends the text's own control characters to the terminal", async () => {
    write("evil.txt", "the people \x1b]0;owned\x07\x1b[31m of the\u202e city went out\r to the gate");
    const { status, stdout } = await answer(
      ["detect", "--scheme", "gumbel", "--key-file", "a.key", "--explain", "evil.txt"],
      { cwd },
    );
    expect(status).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
    expect(stdout).toContain("owned");
  });
});

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
    const profile = JSON.parse(readFileSync(join(cwd, "p.json"), "utf8"));
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
});
