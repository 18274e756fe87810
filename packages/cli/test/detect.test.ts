import { describe, expect, it } from "vitest";
import { markedFolder } from "./marked-folder.ts";
import { answer } from "./run-in-process.ts";
import { tokenmark } from "./run-tokenmark.ts";

const { cwd, write, read, run, detect } = markedFolder();

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
    const piped = await tokenmark(args, { cwd, stdin: read("out.txt") });
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
    const receipt = JSON.parse(read("r.json"));
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
      expect(tokens.map(({ text }: { text: string }) => text).join("")).toBe(read("out.txt"));
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
