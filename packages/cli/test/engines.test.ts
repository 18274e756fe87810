import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { markedFolder } from "./marked-folder.ts";
import type { Ended } from "./run-tokenmark.ts";

const { write, read, run } = markedFolder();
const vectors = fileURLToPath(new URL("../../engines/test/vectors/", import.meta.url));
const PROMPT = "The people of the city";
const UNIGRAM = "unigram-watermark/numpy";
const SECRET = "918273645546372819";

async function unigramText(): Promise<void> {
  write("unigram.json", JSON.stringify({ vocab_size: 4096, fraction: 0.5, strength: 4 }));
  write("unigram.key", JSON.stringify({ watermark_key: SECRET }));
  const flags = `--scheme ${UNIGRAM} --parameters unigram.json --key-file unigram.key --seed 5 --max-tokens 120`;
  const { status, stdout, stderr } = await run(
    "generate",
    ...flags.split(" "),
    "--receipt",
    "unigram-receipt.json",
    PROMPT,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  write("unigram.txt", stdout);
}

describe("another engine's mark", () => {
  it("is written and found from its contract's id, and the engine's own reading stands beside ours", async () => {
    await unigramText();
    const flags = `--scheme ${UNIGRAM} --parameters unigram.json --key-file unigram.key`.split(" ");
    const found = await run("detect", ...flags, "unigram.txt");
    expect(found).toMatchObject({ status: 1, stderr: "" });
    for (const wanted of [/verdict +marked/, /What Unigram-Watermark's own detector would say/, /statistic +\d/])
      expect(found.stdout).toMatch(wanted);
    const record = JSON.parse((await run("detect", ...flags, "--json", "--ids", "unigram-receipt.json")).stdout);
    expect(record.log10PValue).toBeLessThan(-10);
    expect(record.engine.reading.statistic).toBeGreaterThan(5);
    expect(record.engine.reading.pValue === null || record.engine.reading.pValue < 1e-6).toBe(true);
    expect(found.stdout + JSON.stringify(record)).not.toContain(SECRET);
  });

  it("goes into a profile, which binds its key, and which inspect shows without the secret", async () => {
    await unigramText();
    const create = `profile create --scheme ${UNIGRAM} --parameters unigram.json --key-file unigram.key --out u.json`;
    expect(await run(...create.split(" "))).toMatchObject({ status: 0 });
    const byProfile = await run("detect", "--profile", "u.json", "--key-file", "unigram.key", "--json", "unigram.txt");
    expect(byProfile.status).toBe(1);
    write("wrong.key", JSON.stringify({ watermark_key: "1" }));
    const wrong = await run("detect", "--profile", "u.json", "--key-file", "wrong.key", "unigram.txt");
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/wanted the profile's key [0-9a-f]{16}, got key [0-9a-f]{16}/);
    const { stdout } = await run("inspect", "u.json");
    expect(stdout).toContain(UNIGRAM);
    expect(stdout + read("u.json") + wrong.stderr).not.toContain(SECRET);
  });

  it("can be calibrated under its own key", async () => {
    await unigramText();
    await run(
      ...`profile create --scheme ${UNIGRAM} --parameters unigram.json --key-file unigram.key --out c.json`.split(" "),
    );
    const flags = "--profile c.json --key-file unigram.key --texts 3 --max-tokens 40 --seed a".split(" ");
    expect(await run("profile", "calibrate", ...flags)).toMatchObject({ status: 0 });
    expect(JSON.parse(read("c.json")).expected.texts).toBe(3);
  });

  it("is refused with a sentence where the declaration is wrong, and no secret is repeated", async () => {
    write("text.txt", "a text");
    write("unigram.key", JSON.stringify({ watermark_key: SECRET }));
    write("unsafe.key", '{"watermark_key": 9182736455463728190}');
    write("good.json", JSON.stringify({ vocab_size: 4096 }));
    write("odd.json", JSON.stringify({ vocab_size: 4096, fraction: 2 }));
    write("narrow.json", JSON.stringify({ vocab_size: 300 }));
    write("named.json", JSON.stringify({ scheme: "kgw" }));
    const detect = (scheme: string, parameters: string, key: string) =>
      run("detect", "--scheme", scheme, "--parameters", parameters, "--key-file", key, "text.txt");
    const rows: readonly (readonly [Promise<Ended>, RegExp])[] = [
      [detect(UNIGRAM, "odd.json", "unigram.key"), /fraction: wanted a number/],
      [detect(UNIGRAM, "named.json", "unigram.key"), /named\.json: wanted a JSON object without "scheme"/],
      [
        detect(UNIGRAM, "good.json", "unsafe.key"),
        /beyond 2\^53, whose last digits are lost already; write it in quotes/,
      ],
      [detect(UNIGRAM, "good.json", "a.key"), /wanted a JSON object with watermark_key/],
      [detect("gumbel", "good.json", "a.key"), /unknown field|vocab_size/],
      [run("detect", "--scheme", "gumbel", "--key-file", "unigram.key", "text.txt"), /got JSON, as the keys of other/],
      [
        run("detect", "--scheme", "llamacpp-synthid", "--key-file", "a.key", "text.txt"),
        /unknown contract, which is not "not marked"/,
      ],
      [run("contracts", "no-such/contract"), /contract: wanted one of .*sglang-gumbel\/murmur3-32/],
    ];
    for (const [answer, message] of rows) {
      const { status, stdout, stderr } = await answer;
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain(SECRET.slice(0, 8));
    }
    const narrow = await detect(UNIGRAM, "narrow.json", "unigram.key");
    expect(narrow.status).not.toBe(1);
  });
});

describe("contracts", () => {
  it("lists every id on a line, shows one with its fields, and prints JSON", async () => {
    const { stdout } = await run("contracts");
    expect(stdout).toMatch(/^sglang-gumbel\/murmur3-32 +sglang, gumbel \(open-pull-request\)$/m);
    const one = await run("contracts", "sglang-gumbel/murmur3-32");
    for (const wanted of [/context_window: .*default 4/, /key: .*must be given/, /must tell an auditor/, /32 bits/])
      expect(one.stdout).toMatch(wanted);
    const list = JSON.parse((await run("contracts", "--json")).stdout);
    expect(list.map(({ id }: { id: string }) => id)).toEqual(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(" ")[0]),
    );
  });
});

describe("diagnose", () => {
  it("names a width of the vocabulary that is off, and is silent on what was declared right", async () => {
    await unigramText();
    write("other.json", JSON.stringify({ vocab_size: 4097, fraction: 0.5, strength: 4 }));
    const flags = (parameters: string) =>
      `diagnose --scheme ${UNIGRAM} --parameters ${parameters} --key-file unigram.key`.split(" ");
    const wrong = await run(...flags("other.json"), "--ids", "--json", "unigram-receipt.json");
    expect(wrong.status).toBe(1);
    expect(JSON.parse(wrong.stdout).finding).toMatchObject({ code: "vocab-width", actual: { vocab_size: 4096 } });
    const right = await run(...flags("unigram.json"), "unigram.txt");
    expect(right.status).toBe(0);
    expect(right.stdout).toMatch(/found as declared .* and no known mistake explains the text better/);
  });

  it("refuses our own schemes, which have no engine to be mistaken about", async () => {
    const { status, stderr } = await run("diagnose", "--scheme", "gumbel", "--key-file", "a.key", "out.txt");
    expect(status).toBe(2);
    expect(stderr).toMatch(/scheme: wanted one of the registry with known mistakes, got gumbel/);
  });
});

describe("conformance", () => {
  it("recomputes golden files and passes with status 0", async () => {
    const { status, stdout } = await run(
      "conformance",
      join(vectors, "unigram.json"),
      join(vectors, "three-bricks.json"),
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/unigram\.json +unigram_mask +6 +0$/m);
    expect(stdout).toMatch(/19 cases passed, 0 failed\n$/);
  });

  it("recomputes what diagnose says of texts under a wrong declaration, leaf by leaf", async () => {
    const golden = JSON.parse(readFileSync(join(vectors, "engines-traps.json"), "utf8"));
    write("traps.json", JSON.stringify(golden));
    const { status, stdout } = await run("conformance", "traps.json");
    expect(stdout).toMatch(/21 cases passed, 0 failed/);
    expect(status).toBe(0);
    golden.cases[0].output.log10_p_actual += 1e-3;
    write("traps.json", JSON.stringify(golden));
    expect((await run("conformance", "traps.json")).stdout).toContain("vllm-width: output.log10_p_actual: wanted");
  });

  it("fails exactly where a digit was changed", async () => {
    const golden = JSON.parse(readFileSync(join(vectors, "unigram.json"), "utf8"));
    const changed = golden.cases.find(({ op }: { op: string }) => op === "unigram_mask");
    changed.output.ones += 1;
    write("changed.json", JSON.stringify(golden));
    const { status, stdout } = await run("conformance", "--json", "changed.json");
    expect(status).toBe(1);
    const { passed, failed, rows } = JSON.parse(stdout);
    expect({ passed, failed }).toEqual({ passed: 15, failed: 1 });
    expect(rows.find((row: { failed: number }) => row.failed > 0)).toMatchObject({
      op: "unigram_mask",
      first: expect.stringContaining(`${changed.id}: output.ones: wanted ${changed.output.ones}, got`),
    });
  });

  it("counts an unknown op, a file that is cut and one that is missing as failures, and goes on with the rest", async () => {
    const one = { id: "a", op: "no_such_op", params: {}, input: {}, output: { x: 1 } };
    write("unknown.json", JSON.stringify({ format: "golden-vectors-v1", cases: [one] }));
    write("cut.json", '{"format": "golden-vectors-v1", "cases": [');
    const paths = ["unknown.json", "cut.json", "missing.json", join(vectors, "unigram.json")];
    const { status, stdout } = await run("conformance", ...paths);
    expect(status).toBe(1);
    for (const wanted of [
      /unknown op "no_such_op"/,
      /cut\.json.*JSON/,
      /missing\.json.*no such file/,
      /16 cases passed, 3 failed/,
    ])
      expect(stdout).toMatch(wanted);
  });
});
