import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineContracts } from "@tokenmark/engines";
import { describe, expect, it } from "vitest";
import { progressLine } from "../src/commands/progress-line.ts";
import { readConfig } from "../src/commands/read-config.ts";
import { readPromptSet } from "../src/survival/prompt-set.ts";
import { schemeMaker } from "../src/survival/scheme-maker.ts";
import { withVocabulary } from "../src/survival/with-vocabulary.ts";
import { openWorkFolder } from "../src/survival/work-folder.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "tokenmark-survival-"));

describe("the work folder", () => {
  it("computes a value once, and again where what it depends on has changed", async () => {
    const work = openWorkFolder(folder());
    let calls = 0;
    const compute = (): number => ++calls;
    expect(await work.keep(["a", "b"], { seed: 1 }, compute)).toBe(1);
    expect(await work.keep(["a", "b"], { seed: 1 }, compute)).toBe(1);
    expect(await work.keep(["a", "b"], { seed: 2 }, compute)).toBe(2);
    expect(work.counts).toEqual({ kept: 1, computed: 2 });
  });

  it.each([
    ["half-written", (text: string) => text.slice(0, text.length / 2)],
    ["empty", () => ""],
    ["changed by hand", (text: string) => text.replace('"p": 0.25', '"p": 0.5')],
  ])("a %s file is told of and made again", async (_, damage) => {
    const place = folder();
    const damaged: string[] = [];
    const work = openWorkFolder(place, (file) => damaged.push(file));
    await work.keep(["cell"], {}, () => ({ p: 0.25 }));
    const file = join(place, "cell.json");
    const whole = readFileSync(file, "utf8");
    expect(damage(whole)).not.toBe(whole);
    writeFileSync(file, damage(whole));
    expect(await work.keep(["cell"], {}, () => ({ p: 0.125 }))).toEqual({ p: 0.125 });
    expect(damaged).toEqual([file]);
  });

  it("stores nothing of what throws, and leaves no parts behind", async () => {
    const place = folder();
    const work = openWorkFolder(place);
    await expect(work.keep(["cell"], {}, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await work.keep(["other"], {}, () => 1);
    expect(readdirSync(place)).toEqual(["other.json"]);
  });

  it("keeps values of odd names apart and inside the folder", async () => {
    const place = folder();
    const work = openWorkFolder(place);
    for (const name of ["a/b", "a b", "a-b", "..", "ü"]) await work.keep([name], {}, () => name);
    for (const name of ["a/b", "a b", "a-b", "..", "ü"]) expect(await work.keep([name], {}, () => "else")).toBe(name);
    expect(readdirSync(place)).toHaveLength(5);
  });
});

describe("schemes of the suite", () => {
  it.each(engineContracts.map(({ id }) => id))("%s gets keys that its contract takes, another for each name", (id) => {
    const maker = schemeMaker(id, withVocabulary({ scheme: id }, 512), "seed");
    const context = Int32Array.from({ length: maker.create("a").context.width }, (_, i) => i + 3);
    const tokens = Array.from({ length: 200 }, (_, token) => token);
    const scores = (name: string): string => {
      const scheme = maker.create(name);
      return tokens.map((token) => scheme.score(context, token)).join();
    };
    expect(maker.engine).toBe(id);
    expect(scores("a")).toBe(scores("a"));
    const isKeyless = Object.keys(engineContracts.find((contract) => contract.id === id)!.secrets).length === 0;
    expect(scores("a") === scores("b")).toBe(isKeyless);
  });
});

describe("prompts and configs", () => {
  const file = (name: string, text: string): string => {
    const place = join(folder(), name);
    writeFileSync(place, text);
    return place;
  };

  it("reads prompts a line, as objects or bare texts", () => {
    const set = readPromptSet(file("p.jsonl", '{"prompt": "One"}\n\n"Two"\r\n{"prompt":"Three","id":7}\n'));
    expect(set.prompts).toEqual(["One", "Two", "Three"]);
    expect(readPromptSet("bundled").prompts.length).toBeGreaterThan(100);
  });

  it.each([
    ["no JSON", "{", /wanted JSON on each line, got something else at p\.jsonl:1/],
    ["no prompt", '"a"\n{"text":"b"}', /wanted a text in the field "prompt", got none at p\.jsonl:2/],
    ["nothing", "\n", /wanted at least one, got none/],
  ])("refuses a prompt file with %s, and says where", (_, text, message) => {
    expect(() => readPromptSet(file("p.jsonl", text))).toThrow(message);
  });

  it("takes a config's own fields and refuses what it does not know", async () => {
    const config = await readConfig(file("c.json", '{"name": "mine", "texts": 3}'));
    expect(config).toMatchObject({ name: "mine", texts: 3 });
    await expect(readConfig(file("c.json", '{"txets": 3}'))).rejects.toThrow(
      /wanted fields among .*texts.*, got txets/,
    );
    await expect(readConfig(file("c.json", "{"))).rejects.toThrow(/wanted JSON/);
    await expect(readConfig("/no/such.json")).rejects.toMatchObject({ code: "io" });
    const code = await readConfig(file("c.mjs", 'export default { name: "code", seeds: ["7"] };'));
    expect(code.seeds).toEqual(["7"]);
  });

  it("prints one line every fifteen seconds where there is no terminal, and the last one", () => {
    let time = 0;
    const lines: string[] = [];
    const print = progressLine({ write: (text) => lines.push(text) }, () => time);
    for (let done = 1; done <= 5; done++) {
      time += 5000;
      print({ what: "cell", done, total: 5 });
    }
    expect(lines).toEqual(["1/5  5 s so far  cell\n", "4/5  20 s so far  cell\n", "5/5  25 s so far  cell\n"]);
  });
});
