import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Attack } from "../src/attacks/attack.ts";
import { modelAttacks } from "../src/attacks/model-attacks.ts";
import { textAttacks } from "../src/attacks/text-attacks.ts";
import { openModel } from "../src/models/open-model.ts";
import { sourceModel } from "../src/models/source-model.ts";
import { reportFiles } from "../src/report/write-report.ts";
import type { MeasuredCell, SurvivalResults } from "../src/survival/results.ts";
import { runSurvival } from "../src/survival/run-survival.ts";
import { suites } from "../src/survival/suites.ts";
import type { SurvivalConfig } from "../src/survival/survival-config.ts";
import type { SurvivalOptions } from "../src/survival/survival-run.ts";

const attacks = [...textAttacks, ...modelAttacks];
const small: SurvivalConfig = {
  ...suites.quick,
  name: "small",
  judge: null,
  schemes: [
    { label: "gumbel", config: { scheme: "gumbel", contextWidth: 2 } },
    { label: "hf-kgw", config: { scheme: "hf-kgw-lefthash/cpu", bias: 4 } },
  ],
  lengths: [20, 40],
  attacks: [
    { attack: "delete", strengths: [0.3, 1] },
    { attack: "paraphrase", strengths: [1] },
  ],
  texts: 6,
  controlKeys: 4,
  diversity: { prompts: 1, answers: 2, tokens: 10 },
  distribution: { contexts: 2, keys: 200, biased: [] },
  adversaries: { tokensSeen: [], tokensAsked: [], schemes: [], texts: 1, tries: 1 },
};
const run = (config: SurvivalConfig, workFolder: string, options: Partial<SurvivalOptions> = {}) =>
  runSurvival(config, { workFolder, attacks, ...options });
const folder = (): string => mkdtempSync(join(tmpdir(), "tokenmark-suite-"));
const measured = ({ cells }: SurvivalResults): MeasuredCell[] =>
  cells.filter((cell): cell is MeasuredCell => cell.status === "measured");

describe("the survival suite", () => {
  const first = folder();
  let results: SurvivalResults;

  it("measures every scheme at every length and attack, its controls beside it, and drops no cell", async () => {
    const steps: number[] = [];
    results = await run(small, first, { onProgress: ({ done, total }) => steps.push(done / total) });
    expect(results.cells).toHaveLength(2 * 2 * 4);
    expect(steps.at(-1)).toBe(1);
    for (const cell of measured(results)) {
      expect(cell.log10PValues).toHaveLength(6);
      expect(cell.unmarked.tests).toBe(24);
      expect(cell.wrongKey.tests).toBe(24);
    }
    const clean = measured(results).find(
      ({ scheme, attack, length }) => scheme === "gumbel" && attack === "none" && length === 40,
    )!;
    expect(Math.max(...clean.log10PValues)).toBeLessThan(-3);
    expect(clean.change).toEqual({ editDistance: 0, ngramSurvival: [1, 1, 1, 1, 1] });
    const gone = measured(results).filter(({ attack, strength }) => attack === "delete" && strength === 1);
    for (const { log10PValues } of gone) expect(Math.min(...log10PValues)).toBeGreaterThan(-2);
  });

  it("null cells stay at their level through every attack (576 tests at .01: at most 13)", () => {
    const counts = measured(results).flatMap(({ unmarked, wrongKey }) => [unmarked, wrongKey]);
    expect(counts.reduce((sum, { tests }) => sum + tests, 0)).toBe(12 * 48);
    expect(counts.reduce((sum, { atOrBelow }) => sum + atOrBelow[0]!, 0)).toBeLessThanOrEqual(13);
  });

  it("a cell that cannot run says what is missing, and one that fails says why", async () => {
    const skipped = results.cells.filter(({ attack }) => attack === "paraphrase");
    expect(skipped).toHaveLength(4);
    for (const cell of skipped)
      expect(cell).toMatchObject({ status: "skipped", reason: expect.stringMatching(/--paraphraser/) });
    const breaking: Attack = {
      name: "break",
      summary: "breaks",
      strengthMeans: "nothing",
      apply: () => {
        throw new Error("it broke\nwith a long story");
      },
    };
    const config = { ...small, attacks: [{ attack: "break", strengths: [0.5] }], lengths: [20, 40] };
    const broken = await run(config, first, { attacks: [...attacks, breaking] });
    const failed = broken.cells.filter(({ attack }) => attack === "break");
    expect(failed).toHaveLength(4);
    for (const cell of failed) expect(cell).toMatchObject({ status: "failed", reason: "it broke" });
    const pages = reportFiles(broken);
    for (const page of ["report.html", "report.md"]) expect(pages.get(page)).toContain("it broke");
  });

  it("a quality that cannot be measured is among the failures, and the rest is there", async () => {
    const open = async () => {
      const shipped = await openModel({ kind: "shipped" });
      const breaking = () => {
        throw new Error("no room");
      };
      return { ...shipped, reader: { ...shipped.reader!, logProbabilities: breaking } };
    };
    const models = [{ kind: "own", name: "breaking", open }] as const;
    const broken = await run({ ...small, models, attacks: [], lengths: [20] }, folder());
    expect(broken.failures.map(({ part, scheme, reason }) => [part, scheme, reason])).toEqual(
      ["unmarked", "gumbel", "hf-kgw"].map((scheme) => ["quality", scheme, "no room"]),
    );
    expect(broken.cells.map(({ status }) => status)).toEqual(["measured", "measured"]);
    expect(reportFiles(broken).get("report.md")).toContain("no room");
  });

  it("an attack that cannot even say what it lacks fails in its own cells, and the others run", async () => {
    const apply = (texts: readonly { readonly text: string }[]) => texts.map(({ text }) => text);
    const breaking = (): Promise<null> => Promise.reject(new Error("apertium -l: ended with status 1"));
    const sick: Attack = { name: "sick", summary: "", strengthMeans: "", missing: breaking, tool: breaking, apply };
    const config = {
      ...small,
      attacks: [
        { attack: "sick", strengths: [1] },
        { attack: "delete", strengths: [0.3] },
      ],
    };
    const { cells } = await run(config, first, { attacks: [...attacks, sick] });
    const states = (attack: string) => cells.filter((cell) => cell.attack === attack).map(({ status }) => status);
    expect(states("sick")).toEqual(Array(4).fill("failed"));
    expect(states("delete")).toEqual(Array(4).fill("measured"));
  });

  it("a model of one's own that does not open, among several, is shown as missing", async () => {
    const open = () => Promise.reject(new Error("no weights here"));
    const models = [{ kind: "own", name: "mine", open }, { kind: "shipped" }] as const;
    const { cells } = await run({ ...small, models, attacks: [] }, first);
    const mine = cells.filter(({ model }) => model === "mine");
    expect(mine).toHaveLength(4);
    for (const cell of mine) expect(cell).toMatchObject({ status: "skipped", reason: "no weights here" });
    expect(cells.filter(({ status }) => status === "measured")).toHaveLength(4);
  });

  it("another paraphraser's cells are made anew, and the results name the one at work", async () => {
    const work = folder();
    const config = { ...small, schemes: small.schemes.slice(0, 1), lengths: [40], attacks: small.attacks.slice(1) };
    const runs = [];
    for (const name of ["one", "two", "two"]) {
      let asked = 0;
      const rewrite = async (passages: readonly string[]) => {
        asked += passages.length;
        return passages.map(() => name);
      };
      const { attacks: used } = await run(config, work, { paraphraser: { name, rewrite } });
      runs.push([used[0]!.tool, asked > 0]);
    }
    expect(runs).toEqual([
      ["one", true],
      ["two", true],
      ["two", false],
    ]);
  });

  it("goes on after a kill, and the results are those of a run in one piece; fixed seeds repeat", async () => {
    const second = folder();
    const stop = (at: number) => (progress: { done: number }) => {
      if (progress.done === at) throw new Error("killed");
    };
    for (const at of [2, 9]) await expect(run(small, second, { onProgress: stop(at) })).rejects.toThrow("killed");
    const counts = readdirSync(join(second, "texts"), { recursive: true }).length;
    expect(counts).toBeGreaterThan(1);
    const notes: string[] = [];
    const [model] = readdirSync(join(second, "texts"));
    const file = join(second, "texts", model!, readdirSync(join(second, "texts", model!))[0]!);
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 200));
    const again = await run(small, second, { onNote: (note) => notes.push(note) });
    expect({ ...again, date: "" }).toEqual({ ...results, date: "" });
    expect(notes).toEqual([expect.stringMatching(/is damaged or half-written and is made again/)]);
  });

  it("stores each cell with model, tokenizer, prompt set, seed and versions", () => {
    const [model] = readdirSync(join(first, "cells"));
    const [cell] = readdirSync(join(first, "cells", model!, "gumbel"));
    const { about } = JSON.parse(readFileSync(join(first, "cells", model!, "gumbel", cell!), "utf8"));
    expect(about).toMatchObject({
      model: { name: "@tokenmark/demo-model", tokenizerSha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      promptSet: { name: "bundled", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      seed: "1",
      versions: { "@huggingface/transformers": expect.any(String) },
      cell: { scheme: "gumbel" },
    });
  });

  it("runs on any source of scores with a tokenizer", async () => {
    const open = async () => {
      const shipped = await openModel({ kind: "shipped" });
      const { source, tokenizer, identity, dispose } = shipped;
      return sourceModel(source, { name: "a source", tokenizer, identity, dispose });
    };
    const own = await run(
      {
        ...small,
        models: [{ kind: "own", name: "a source", open }],
        schemes: small.schemes.slice(0, 1),
        lengths: [40],
        attacks: [],
        texts: 2,
      },
      folder(),
    );
    const [cell] = measured(own);
    expect(cell).toMatchObject({ model: "a source", scheme: "gumbel" });
    expect(Math.max(...cell!.log10PValues)).toBeLessThan(-3);
    expect(own.quality[0]!.ownPerplexity).toBeNull();
  });

  it("of several models one that is not there is shown as missing, cell by cell", async () => {
    const models = [{ kind: "transformers", model: "/no/such" }, { kind: "shipped" }] as const;
    const { cells } = await run({ ...small, models, attacks: [] }, first);
    const missing = cells.filter(({ model }) => model === "/no/such");
    expect(missing).toHaveLength(4);
    for (const cell of missing)
      expect(cell).toMatchObject({
        status: "skipped",
        reason: expect.stringMatching(/wanted a folder that exists .*got \/no\/such/),
      });
    expect(cells.filter(({ status }) => status === "measured")).toHaveLength(4);
  });

  it("refuses a config that cannot run, with the names there are", async () => {
    const wrong = (config: Partial<SurvivalConfig>) => run({ ...small, ...config }, first);
    await expect(wrong({ attacks: [{ attack: "burn", strengths: [1] }] })).rejects.toThrow(
      /attack: wanted one of .*delete.*got "burn"/,
    );
    await expect(wrong({ attacks: [{ attack: "delete", strengths: [2] }] })).rejects.toThrow(
      /attacks\[0\].strengths\[0\]: wanted a number from 0 to 1, got 2/,
    );
    const scheme = { label: "x", config: { scheme: "nobody's" } };
    await expect(wrong({ schemes: [scheme] })).rejects.toThrow(/kgw, unigram, synthid/);
    await expect(wrong({ schemes: [small.schemes[0]!, small.schemes[0]!] })).rejects.toThrow(
      /schemes: wanted each once/,
    );
    await expect(wrong({ lengths: [] })).rejects.toThrow(/lengths: wanted at least one/);
    await expect(wrong({ texts: 0 })).rejects.toThrow(/texts: wanted an integer of at least 1/);
    const adversaries = { ...small.adversaries, schemes: ["nobody"] };
    await expect(wrong({ adversaries })).rejects.toThrow(/adversaries.schemes: wanted labels among gumbel, hf-kgw/);
    await expect(wrong({ models: [{ kind: "transformers", model: "/no/such" }] })).rejects.toMatchObject({
      code: "model-not-found",
    });
  });

  it.each<[object, RegExp]>([
    [{ lengths: 60 }, /^lengths: wanted a list without repeats, got 60$/],
    [{ lengths: [60, 60] }, /^lengths: wanted a list without repeats, got \[60,60\]$/],
    [{ attacks: [{ attack: "delete" }] }, /^attacks\[0\].strengths: wanted a list/],
    [{ attacks: ["delete"] }, /^attacks\[0\]: wanted an object with attack, strengths, got "delete"$/],
    [{ schemes: [{ label: "x" }] }, /^schemes\[0\].config: wanted an object with a scheme, got undefined$/],
    [{ schemes: [null] }, /^schemes\[0\]: wanted an object with label, config, got null$/],
    [{ schemes: [{ label: "unmarked", config: { scheme: "kgw" } }] }, /^schemes\[0\].label: wanted another label/],
    [{ sampling: {} }, /^sampling.temperature: wanted a number above 0, got undefined$/],
    [{ sampling: { temperature: 1, topK: 0, topP: 2 } }, /^sampling.topP: wanted a number above 0, at most 1, got 2$/],
    [{ models: [{ kind: "shipped" }, { kind: "shipped" }] }, /^models: wanted each once/],
    [{ models: [{ kind: "mine" }] }, /^models\[0\].kind: wanted a model: an object whose kind is shipped/],
    [
      { adversaries: { ...small.adversaries, texts: 0 } },
      /^adversaries.texts: wanted an integer of at least 1, got 0$/,
    ],
    [{ adversaries: { ...small.adversaries, tokensSeen: [0] } }, /^adversaries.tokensSeen\[0\]: wanted an integer/],
    [{ distribution: { contexts: 2, keys: 200 } }, /^distribution.biased: wanted a list/],
    [{ seeds: [1] }, /^seeds\[0\]: wanted a text, got 1$/],
  ])("of the wrong shape it says where: %j", async (change, message) => {
    const config = { ...small, ...change } as SurvivalConfig;
    await expect(run(config, first)).rejects.toMatchObject({
      code: "bad-config",
      message: expect.stringMatching(message),
    });
  });

  it("refuses texts longer than the model has room for, before anything is written", async () => {
    await expect(run({ ...small, lengths: [20, 512] }, first)).rejects.toMatchObject({
      code: "too-long",
      message: expect.stringMatching(/^lengths: wanted at most \d+ tokens behind prompts of up to \d+ for @tokenmark/),
    });
  });

  it("refuses to count one model's texts twice under two specs", async () => {
    const open = () => openModel({ kind: "shipped" });
    const models = [{ kind: "shipped" }, { kind: "own", name: "again", open }] as const;
    await expect(run({ ...small, models }, first)).rejects.toThrow(/models: wanted each once, got .*demo-model/);
  });
});
