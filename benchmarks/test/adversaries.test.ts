import { gumbel, type LogitReader, unigram } from "@tokenmark/core";
import { prompts } from "@tokenmark/demo-model";
import { testKey } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measurePresence } from "../src/adversaries/measure-presence.ts";
import { measureStealing } from "../src/adversaries/measure-stealing.ts";
import { learnPreferences, type SeenText } from "../src/adversaries/preferences.ts";
import { sharedNgramTest } from "../src/adversaries/shared-ngrams.ts";
import { openModel } from "../src/models/open-model.ts";
import type { TextModel } from "../src/models/text-model.ts";

const sampling = { temperature: 1, topK: 0, topP: 1 };

describe("what a thief learns", () => {
  const VOCABULARY = 40;
  /** A model for which all tokens are alike. */
  const flat: LogitReader = {
    async *read(tokens) {
      for (let i = 0; i < tokens.length; i++) yield new Float32Array(VOCABULARY);
    },
  };
  /** Token 7 comes behind 3 far more often than the model says. */
  function biased(count: number): SeenText[] {
    const random = seedrandom("biased");
    return Array.from({ length: count }, () => {
      const tokens: number[] = [3];
      while (tokens.length < 60) {
        const isPushed = tokens.at(-1) === 3 && random() < 0.6;
        tokens.push(isPushed ? 7 : Math.floor(VOCABULARY * random()));
      }
      return { promptTokens: [1], tokens };
    });
  }

  it("is the pair that the mark prefers, and about nothing of the others", async () => {
    const learnt = await learnPreferences(biased(60), flat, 1, 1);
    expect(learnt.tokensSeen).toBe(3600);
    expect(learnt.score([5, 3], 7)).toBeGreaterThan(2);
    const others = Array.from({ length: 30 }, (_, i) => learnt.score([i === 3 ? 4 : i], 12));
    expect(Math.abs(others.reduce((sum, score) => sum + score, 0) / others.length)).toBeLessThan(0.3);
    const logits = new Float32Array(VOCABULARY);
    learnt.add(logits, [5, 3], 2);
    expect(logits[7]).toBeCloseTo(2 * learnt.score([5, 3], 7), 5);
    expect(logits.indexOf(Math.max(...logits))).toBe(7);
  });

  it("is little from little text", async () => {
    const few = await learnPreferences(biased(1), flat, 1, 1);
    const many = await learnPreferences(biased(60), flat, 1, 1);
    expect(Math.abs(few.score([3], 7) - Math.log(0.6 * VOCABULARY))).toBeGreaterThan(
      Math.abs(many.score([3], 7) - Math.log(0.6 * VOCABULARY)),
    );
    expect((await learnPreferences([], flat, 1, 1)).score([3], 7)).toBe(0);
  });
});

describe("the outsider's test", () => {
  const random = seedrandom("outsider");
  const text = (): number[] => Array.from({ length: 40 }, () => Math.floor(30 * random() ** 2));

  it("stays at its level where both write by one law (300 runs at .05: at most 26)", () => {
    let suspected = 0;
    for (let run = 0; run < 300; run++) {
      const pairs = Array.from({ length: 8 }, () => [text(), text()] as const);
      suspected += +(sharedNgramTest(pairs, 2, 99, `${run}`) <= 0.05);
    }
    expect(suspected).toBeLessThanOrEqual(26);
    expect(suspected).toBeGreaterThan(3);
  });

  it("finds texts that share runs of tokens", () => {
    const run = [31, 32, 33, 34, 35];
    const pairs = Array.from({ length: 10 }, () => [[...text(), ...run], text()] as const);
    expect(sharedNgramTest(pairs, 5, 999, "runs")).toBeLessThan(0.005);
  });
});

describe("on the shipped model", () => {
  let model: TextModel;
  beforeAll(async () => {
    model = await openModel({ kind: "shipped" });
  });
  afterAll(() => model.dispose());

  it("a thief forges unigram after some thousand tokens, washes it off, and is no better than nothing with few", async () => {
    const scheme = unigram(testKey("victim"), { gamma: 0.5, delta: 4 });
    const write = (count: number, marked: boolean) =>
      model.write(
        Array.from({ length: count }, (_, i) => ({
          prompt: prompts[i]!,
          scheme: marked ? scheme : null,
          seed: `steal/${marked}/${i}`,
        })),
        { ...sampling, maxTokens: 80 },
      );
    const points = await measureStealing({
      model,
      judge: null,
      scheme,
      label: "unigram",
      corpus: await write(54, true),
      unmarked: (await write(8, false)).map(({ text }) => text),
      tokensSeen: [80, 4000],
      prompts,
      texts: 4,
      tokens: 80,
      sampling,
      seed: "steal",
    });
    const [few, many] = points;
    expect(points.map(({ tokensSeen }) => tokensSeen)).toEqual([80, 4000]);
    expect(many!.medianSpoofLog10PValue).toBeLessThan(-3);
    expect(many!.medianSpoofLog10PValue).toBeLessThan(few!.medianSpoofLog10PValue);
    expect(many!.foundBeforeScrub).toBe(4);
    expect(many!.foundAfterScrub).toBeLessThan(4);
    expect(many!.spoofed).toBeLessThanOrEqual(many!.spoofedAnyQuality);
  });

  it("an outsider suspects gumbel, whose key answers one prompt alike, and not a model without a mark", async () => {
    const measure = (label: string, marked: boolean) =>
      measurePresence({
        model,
        schemeOf: (i) => (marked ? gumbel(testKey(`try ${i}`), { contextWidth: 4 }) : null),
        label,
        tokensSeen: [800],
        tries: 2,
        prompts,
        sampling,
        seed: "presence",
      });
    expect((await measure("gumbel", true))[0]).toMatchObject({ suspected: 2, tries: 2, tokensSeen: 800 });
    expect((await measure("nothing", false))[0]).toMatchObject({ suspected: 0 });
  });
});
