import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseReceipt, type Receipt } from "../src/index.ts";
import { answer } from "./run-in-process.ts";
import { ended, start, temporaryFolder, tokenmark } from "./run-tokenmark.ts";

const cwd = temporaryFolder();
const run = (args: readonly string[], stdin?: string) =>
  tokenmark(args, { cwd, ...(stdin === undefined ? {} : { stdin }) });
const marked = ["generate", "--scheme", "gumbel", "--key-file", "a.key", "--seed", "3", "--max-tokens"];
const receipt = (name: string): Receipt => parseReceipt(JSON.parse(readFileSync(join(cwd, name), "utf8")));
const PROMPT = "The people of the city";

beforeAll(async () => {
  await run(["keygen", "--out", "a.key"]);
});

describe("generate", () => {
  it("writes to stdout the continuation byte for byte, as its receipt has it, and nothing to stderr", async () => {
    const { status, stdout, stderr } = await run([...marked, "60", "--receipt", "r.json", PROMPT]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { text, tokens, scheme, outcomes, prompt, promptTokens, sampling } = receipt("r.json");
    expect(stdout).toBe(text);
    expect(tokens).toHaveLength(60);
    expect(scheme).toEqual({ scheme: "gumbel", contextWidth: 4 });
    expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(60);
    expect(prompt).toBe(PROMPT);
    expect(promptTokens.length).toBeGreaterThan(2);
    expect(sampling).toEqual({ temperature: 1, topK: 0, topP: 1, minP: 0, maxTokens: 60, seed: "3" });
    expect(readFileSync(join(cwd, "r.json"), "utf8")).not.toContain(readFileSync(join(cwd, "a.key"), "utf8").trim());
  });

  it("takes the prompt as an argument, from stdin or from a file, less the line break that ends a file", async () => {
    writeFileSync(join(cwd, "prompt.txt"), `${PROMPT}\n`);
    const texts = await Promise.all([
      run([...marked, "20", PROMPT]),
      run([...marked, "20", "-"], `${PROMPT}\n`),
      run([...marked, "20", "--prompt-file", "prompt.txt"]),
    ]);
    for (const { status, stdout } of texts) expect({ status, stdout }).toEqual({ status: 0, stdout: texts[0].stdout });
  });

  it("repeats from a seed with every sampling flag, and differs without one", async () => {
    const sampling = ["--temperature", "0.8", "--top-k", "50", "--top-p", "0.95", "--min-p", "0.01"];
    const unmarked = ["generate", "--scheme", "none", "--max-tokens", "30", ...sampling, PROMPT];
    const a = await run([...unmarked, "--seed", "x"]);
    const b = await answer([...unmarked, "--seed", "x"], { cwd });
    const c = await answer(unmarked, { cwd });
    const d = await answer(unmarked, { cwd });
    expect(a.status).toBe(0);
    expect(a.stdout).toBe(b.stdout);
    expect(c.stdout).not.toBe(d.stdout);
  });

  it.each([
    ["--temperature", "0"],
    ["--top-k", "1"],
  ])("refuses %s %s for a scheme that lives in the draw", async (...flags) => {
    const { status, stdout, stderr } = await answer([...marked, "10", ...flags, PROMPT], { cwd });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^tokenmark: gumbel: wanted sampling .* kgw and unigram can mark greedy text\n$/);
  });

  it("marks greedily with kgw at temperature 0, the same every time", async () => {
    const greedy = [
      "generate",
      "--scheme",
      "kgw",
      "--key-file",
      "a.key",
      "--temperature",
      "0",
      "--max-tokens",
      "20",
      PROMPT,
    ];
    const [a, b] = [await answer(greedy, { cwd }), await answer(greedy, { cwd })];
    expect(a).toMatchObject({ status: 0, stderr: "" });
    expect(a.stdout).toBe(b.stdout);
  });

  const refusals: readonly [what: string, args: readonly string[], message: RegExp][] = [
    ["neither scheme nor profile", ["generate", PROMPT], /wanted --scheme NAME or --profile FILE/],
    ["no prompt", [...marked, "5"], /prompt: wanted an argument, - for standard input, or --prompt-file/],
    ["two prompts", [...marked, "5", "--prompt-file", "a", "b"], /got both/],
    ["a scheme nobody knows", ["generate", "--scheme", "magic", PROMPT], /Allowed choices are kgw, unigram, synthid/],
    ["no tokens", [...marked, "0", PROMPT], /whole number of at least 1/],
    ["more tokens than the model has room for", [...marked, "100000", PROMPT], /positions.*smaller --max-tokens/],
    ["top-p above 1", [...marked, "5", "--top-p", "2", PROMPT], /topP: wanted a number from 0 to 1/],
    ["a number that is none", [...marked, "5", "--temperature", "warm", PROMPT], /Wanted a number/],
    ["a model folder that is not there", [...marked, "5", "--model", "./none", PROMPT], /wanted a folder that exists/],
    [
      "a model folder without tokenizer",
      [...marked, "5", "--model", ".", PROMPT],
      /wanted the file config\.json, found none/,
    ],
    ["a receipt on stdout", [...marked, "5", "--receipt", "-", PROMPT], /stdout is the text's/],
    ["a receipt in no folder", [...marked, "5", "--receipt", "no/r.json", PROMPT], /no\/r\.json: cannot be written/],
  ];
  it.each(refusals)("ends with status 2 and one sentence: %s", async (_what, args, message) => {
    const { status, stdout, stderr } = await answer(args, { cwd });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^tokenmark: [^\n]+\n(\(add --help[^\n]*\n)?$/);
  });

  it("ends quietly when the reader of stdout leaves", async () => {
    const child = start([...marked, "400", PROMPT], { cwd });
    child.stdout.once("data", () => child.stdout.destroy());
    expect(await ended(child)).toMatchObject({ status: 141, stderr: "" });
  });

  it("ends quietly on Ctrl-C, with what it has written so far", async () => {
    const child = start([...marked, "480", PROMPT], { cwd });
    child.stdout.once("data", () => child.kill("SIGINT"));
    const { status, stdout, stderr } = await ended(child);
    expect({ status, stderr }).toEqual({ status: 130, stderr: "" });
    expect(stdout.length).toBeGreaterThan(0);
  });
});
