import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modelFolder } from "@tokenmark/demo-model";
import { beforeAll, describe, expect, it } from "vitest";
import { answer } from "./run-in-process.ts";
import { temporaryFolder } from "./run-tokenmark.ts";

const cwd = temporaryFolder();
const run = (line: string, ...more: string[]) => answer([...line.split(" "), ...more], { cwd });
const secret = "5a".repeat(32);
const read = (name: string) => JSON.parse(readFileSync(join(cwd, name), "utf8"));

beforeAll(() => {
  for (const [name, hex] of [
    ["a.key", secret],
    ["other.key", "a5".repeat(32)],
  ] as const)
    writeFileSync(join(cwd, name), hex, { mode: 0o600 });
});

describe("profile create", () => {
  it("fills in a scheme's documented defaults, and prints to stdout without --out", async () => {
    const { status, stdout, stderr } = await run("profile create --scheme dual-gumbel --key-file a.key");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const profile = JSON.parse(stdout);
    expect(profile.scheme).toEqual({ scheme: "dual-gumbel", contextWidth: 4, shareB: 0.1 });
    expect(profile.tokenizer).toMatchObject({
      name: "@tokenmark/demo-model",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(stdout).not.toContain(secret);
  });

  it.each([
    [
      "kgw --gamma 0.5 --delta 1.5 --seeding lefthash --context-width 1",
      { gamma: 0.5, delta: 1.5, seeding: "lefthash", contextWidth: 1 },
    ],
    ["unigram --gamma .3 --delta 3", { gamma: 0.3, delta: 3 }],
    ["synthid --depth 20 --leaves 3 --context-width 2", { depth: 20, leaves: 3, contextWidth: 2 }],
    ["gumbel --context-width 6", { contextWidth: 6 }],
    ["dual-gumbel --share-b 0.25", { shareB: 0.25, contextWidth: 4 }],
  ])("takes every parameter of %s", async (flags, parameters) => {
    const { stdout } = await run(`profile create --key-file a.key --scheme ${flags}`);
    expect(JSON.parse(stdout).scheme).toEqual({ scheme: flags.split(" ")[0], ...parameters });
  });

  it.each([
    ["gumbel --gamma 0.5", /scheme config of gumbel: unknown field "gamma"/],
    ["kgw --gamma 1.5", /gamma: wanted a number strictly between 0 and 1, got 1\.5/],
    ["synthid --depth 99", /depth: wanted an integer from 1 to 32, got 99/],
    ["kgw --seeding random", /Allowed choices are lefthash, minhash, selfhash/],
  ])("refuses %s", async (flags, message) => {
    const { status, stdout, stderr } = await run(`profile create --key-file a.key --scheme ${flags}`);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});

describe("profile calibrate", () => {
  it("measures what marked text scores into the profile, the same from a seed, so that detection knows its power", async () => {
    await run("profile create --scheme gumbel --key-file a.key --out p.json");
    const calibrate =
      "profile calibrate --profile p.json --texts 3 --max-tokens 40 --temperature 0.9 --top-p 0.95 --top-k 100 --seed 1";
    const first = await run(`${calibrate} --out -`);
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(read("p.json").expected).toBeUndefined();
    expect(await run(calibrate)).toMatchObject({ status: 0, stdout: "" });
    expect(read("p.json")).toEqual(JSON.parse(first.stdout));
    const { expected } = read("p.json");
    expect(expected).toMatchObject({
      temperature: 0.9,
      topP: 0.95,
      topK: 100,
      texts: 3,
      model: "@tokenmark/demo-model",
    });
    // 1 is what text scores that carries no mark.
    expect(expected.meanScore).toBeGreaterThan(1.5);

    const people = readFileSync(join(modelFolder, "../evaluation/held-out.txt"), "utf8");
    writeFileSync(join(cwd, "clean.txt"), people.slice(0, 8000));
    const { status, stdout } = await run("detect --profile p.json --key-file a.key clean.txt");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^No evidence of the mark of gumbel under this key/);
    expect(stdout).toMatch(/power +\d\.\d\d, the chance to find unedited marked text of this length/);
  });

  it("refuses one text, from which no variance follows, and a key that is not the profile's", async () => {
    const one = await run("profile calibrate --profile p.json --texts 1 --max-tokens 10 --out -");
    expect(one).toMatchObject({ status: 2, stdout: "" });
    expect(one.stderr).toMatch(/wanted at least 2/);
    const other = await run("profile calibrate --profile p.json --key-file other.key --out -");
    expect(other).toMatchObject({ status: 2, stdout: "" });
    expect(other.stderr).toMatch(/wanted the profile's key/);
  });
});

describe("profile show and inspect", () => {
  it("say what a profile, a receipt and a key file are, and of a key its id alone", async () => {
    await run("generate --scheme kgw --key-file a.key --max-tokens 8 --seed 1 --receipt r.json", "In the morning");
    const profile = await run("inspect p.json");
    expect(profile.stdout).toBe((await run("profile show p.json")).stdout);
    expect(profile.stdout).toMatch(/scheme +gumbel \(contextWidth 4\)[\s\S]*key id +[0-9a-f]{16}[\s\S]*mean score \d/);
    expect(JSON.parse((await run("profile show --json p.json")).stdout)).toEqual(read("p.json"));
    const receipt = await run("inspect r.json");
    expect(receipt.stdout).toMatch(/Tokenmark receipt[\s\S]*seeding selfhash[\s\S]*8 after a prompt of \d+ \(/);
    const key = await run("inspect a.key");
    expect(key.stdout).toBe(`key id  ${read("p.json").keyId}\n`);
    const variable = await answer(["inspect"], { cwd, env: { TOKENMARK_KEY: secret } });
    expect(variable).toEqual(key);
    for (const { status, stdout } of [profile, receipt, key]) {
      expect(status).toBe(0);
      expect(stdout).not.toContain(secret);
    }
  });

  it("refuse what they do not know", async () => {
    writeFileSync(join(cwd, "list.json"), "[1]");
    writeFileSync(join(cwd, "words.txt"), "hello");
    expect((await run("inspect list.json")).stderr).toMatch(/^tokenmark: profile: wanted an object/);
    expect((await run("inspect words.txt")).stderr).toMatch(/wanted a profile, a receipt or a key file/);
    expect((await run("inspect")).status).toBe(2);
  });
});
