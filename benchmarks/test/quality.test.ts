import { createToySource } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { sourceModel } from "../src/models/source-model.ts";
import { bootstrapMean } from "../src/quality/bootstrap-mean.ts";
import { proveDistribution } from "../src/quality/distribution-proof.ts";
import { countNgrams, distinctShare } from "../src/quality/ngrams.ts";
import { bleu, selfBleu } from "../src/quality/self-bleu.ts";
import { hasLoop } from "../src/quality/text-loops.ts";
import { schemeMaker } from "../src/survival/scheme-maker.ts";

const digits = { encode: (text: string) => Array.from(text, (c) => c.charCodeAt(0) % 64), decode: () => "" };

describe("quality of texts", () => {
  it("finds a loop of one token, of a phrase, and none in text that merely repeats words", () => {
    const varied = Array.from({ length: 60 }, (_, i) => (i * i) % 59);
    expect(hasLoop(varied)).toBe(false);
    expect(hasLoop([...varied, ...Array(12).fill(7)])).toBe(true);
    expect(hasLoop([...varied, ...Array(11).fill(7)])).toBe(false);
    const phrase = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(hasLoop([...varied, ...phrase, ...phrase, ...phrase])).toBe(true);
    expect(hasLoop([...varied, ...phrase, ...phrase, 9])).toBe(false);
  });

  it("counts n-grams once each for distinct-n", () => {
    expect(countNgrams([1, 2, 1, 2], 2)).toEqual(
      new Map([
        ["1,2", 2],
        ["2,1", 1],
      ]),
    );
    expect(distinctShare([1, 2, 1, 2], 2)).toBeCloseTo(2 / 3, 12);
    expect(distinctShare([1], 2)).toBeNaN();
  });

  it("BLEU is 1 for the same text, 0 without a common token, and worked out by hand between", () => {
    expect(bleu([1, 2, 3, 4, 5], [[1, 2, 3, 4, 5]])).toBeCloseTo(1, 12);
    expect(bleu([1, 2, 3], [[4, 5, 6]])).toBe(0);
    // Orders: 3/4; (1 + 1)/(3 + 1) … no four-gram: (0 + 1)/(1 + 1).
    const byHand = ((3 / 4) * (3 / 4) * (2 / 3) * (1 / 2)) ** (1 / 4);
    expect(bleu([1, 2, 3, 9], [[1, 2, 3, 4]])).toBeCloseTo(byHand, 12);
    expect(bleu([1, 2], [[1, 2, 3, 4]])).toBeLessThan(bleu([1, 2, 3, 4], [[1, 2, 3, 4]]));
    expect(
      selfBleu([
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ]),
    ).toBeCloseTo(1, 12);
  });

  it("a bootstrap interval holds the mean, narrows with more values and repeats", () => {
    const random = seedrandom("values");
    const values = Array.from({ length: 400 }, () => random());
    const all = bootstrapMean(values, "seed");
    const few = bootstrapMean(values.slice(0, 25), "seed");
    expect(all.lower).toBeLessThan(all.mean);
    expect(all.upper).toBeGreaterThan(all.mean);
    expect(all.upper - all.lower).toBeLessThan(few.upper - few.lower);
    // The standard error of 400 uniform values is .0144.
    expect(all.upper - all.lower).toBeCloseTo(2 * 1.96 * 0.0144, 2);
    expect(bootstrapMean(values, "seed")).toEqual(all);
    expect(bootstrapMean([2, Number.NaN, 4], "seed").mean).toBe(3);
  });
});

describe("the distribution proof", () => {
  const model = sourceModel(createToySource({ vocabularySize: 64, seed: "law" }), {
    name: "toy",
    tokenizer: digits,
    identity: { name: "toy", vocabularySize: 64, sha256: "0".repeat(64) },
  });
  const random = seedrandom("text");
  const humanText = Array.from({ length: 400 }, () => String.fromCharCode(64 + Math.floor(64 * random()))).join("");
  const options = { contexts: 8, keys: 1500, sampling: { temperature: 1, topK: 0, topP: 1 }, seed: "proof", humanText };

  it.each([
    ["gumbel", { scheme: "gumbel", contextWidth: 2 }],
    ["dual-gumbel", { scheme: "dual-gumbel", contextWidth: 2, shareB: 0.3 }],
    ["synthid", { scheme: "synthid", depth: 10, leaves: 2, contextWidth: 2 }],
  ] as const)("%s, over keys, draws by the model's law (one false alarm in a hundred runs)", async (label, config) => {
    const row = await proveDistribution(model, schemeMaker(label, config, "proof"), options);
    expect(row).toMatchObject({ claimsDistortionFree: true, contexts: 8, keys: 1500, rejected: 0 });
    expect(row.smallestHolmPValue).toBeGreaterThan(0.01);
  });

  it("knows the law that truncation leaves", async () => {
    const sampling = { temperature: 0.7, topK: 20, topP: 0.9 };
    const maker = schemeMaker("gumbel", { scheme: "gumbel", contextWidth: 2 }, "proof");
    const row = await proveDistribution(model, maker, { ...options, sampling });
    expect(row).toMatchObject({ contexts: 8, rejected: 0 });
  });

  it("rejects whatever draws a token that truncation left out", async () => {
    const maker = schemeMaker("gumbel", { scheme: "gumbel", contextWidth: 2 }, "proof");
    const last = maker.create("last");
    const wild = { ...last, stage: "before-truncation" as const, process: (logits: Float32Array) => logits.fill(0, 1) };
    const sampling = { temperature: 1, topK: 3, topP: 1 };
    const row = await proveDistribution(model, { ...maker, create: () => wild }, { ...options, keys: 200, sampling });
    expect(row.rejected).toBe(8);
  });

  it("rejects a scheme that biases every draw, so that passing means something", async () => {
    const config = { scheme: "unigram", gamma: 0.5, delta: 4 } as const;
    const row = await proveDistribution(model, schemeMaker("unigram", config, "proof"), { ...options, keys: 4000 });
    expect(row.claimsDistortionFree).toBe(false);
    expect(row.rejected).toBeGreaterThan(0);
  });
});
