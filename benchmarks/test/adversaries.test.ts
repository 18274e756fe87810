import { gumbel, kgw, synthid, unigram } from "@tokenmark/core";
import { detectText } from "@tokenmark/detector";
import { ksUniform } from "@tokenmark/stats";
import { testKey } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { expectedByLaw } from "../src/adversaries/expected-counts.ts";
import { forge, perplexityUnder } from "../src/adversaries/forge.ts";
import { learnScores } from "../src/adversaries/learnt-scores.ts";
import { measurePresence } from "../src/adversaries/measure-presence.ts";
import { measureStealing, type StealingOptions } from "../src/adversaries/measure-stealing.ts";
import { firstTokens, writeAnswers } from "../src/adversaries/seen-texts.ts";
import { nameContexts, thiefKnowledge } from "../src/adversaries/thief-knowledge.ts";
import { testPresence } from "../src/adversaries/two-sample-test.ts";
import { createToyTextModel } from "./toy-text-model.ts";

const settings = { temperature: 1, topK: 0, topP: 1 };
const model = createToyTextModel({ vocabularySize: 512, seed: "adversaries" });
const prompts = Array.from({ length: 32 }, (_, i) => `w${3 * i} w${i + 100} w${2 * i} w${i + 7}`);
const fixedList = unigram(testKey("stolen"));
const common: Omit<StealingOptions, "scheme" | "schemeLabel" | "tokensSeen"> = {
  model,
  judge: null,
  textsPerPoint: 6,
  tokens: 200,
  settings,
  seenPrompts: prompts.slice(0, 24),
  unseenPrompts: prompts.slice(24),
  seed: "theft",
};

describe("what a thief knows", () => {
  it("takes the width from the scheme and what decides from its config", () => {
    const minhash = { scheme: "kgw", seeding: "minhash", contextWidth: 3 };
    expect(thiefKnowledge(kgw(testKey("a"), { seeding: "minhash" }), minhash)).toEqual({
      width: 3,
      decides: "one-token",
    });
    expect(thiefKnowledge(gumbel(testKey("a")))).toEqual({ width: 4, decides: "sequence" });
  });

  it("names a context by its tokens in order, or by their set where one token decides", () => {
    expect(nameContexts({ width: 2, decides: "sequence" }, [5, 9, 4], 3)).toEqual({
      whole: "9,4",
      single: [],
      empty: null,
    });
    const one = { width: 2, decides: "one-token" } as const;
    expect(nameContexts(one, [5, 9, 4], 3)).toEqual(nameContexts(one, [5, 4, 9], 3));
    expect(nameContexts(one, [5], 1)).toBeNull();
  });
});

describe("stealing", () => {
  it("tells green tokens from red ones better the more it sees", async () => {
    const texts = await writeAnswers(model, fixedList, 25, { ...settings, tokens: 200, prompts, seed: "seen" });
    const expected = await expectedByLaw(model, texts, settings);
    const rightly = [500, 5_000].map((count) => {
      const scores = learnScores(firstTokens(texts, count), { width: 0, decides: "sequence" }, expected);
      const right = Array.from({ length: 512 }, (_, token) => {
        const isGreen = fixedList.score([], token) === 1;
        return scores.score([], token) > 0 === isGreen;
      });
      return right.filter(Boolean).length / 512;
    });
    expect(rightly[0]).toBeGreaterThan(0.55);
    expect(rightly[1]).toBeGreaterThan(0.8);
  });

  it("learns the list of unigram from 5,000 tokens well enough to forge and to wash, and not from 10", async () => {
    const [little, much] = await measureStealing({
      ...common,
      scheme: fixedList,
      schemeLabel: "unigram",
      tokensSeen: [5_000, 10],
    });
    expect(little!.tokensSeen).toBe(10);
    expect(little!.spoofed).toBeLessThanOrEqual(1);
    expect(much!.spoofed).toBeGreaterThanOrEqual(5);
    expect(much!.medianSpoofLog10PValue).toBeLessThan(-4);
    expect(much!.foundBeforeScrub).toBe(6);
    expect(much!.foundAfterScrub).toBeLessThanOrEqual(1);
  });

  it("learns what follows each token under a context of one, with unmarked text alone for a base", async () => {
    const scheme = kgw(testKey("stolen"), { seeding: "lefthash", contextWidth: 1 });
    const [point] = await measureStealing({
      ...common,
      scheme,
      schemeLabel: "kgw",
      tokensSeen: [20_000],
      base: "text",
    });
    expect(point!.spoofedAnyQuality).toBeGreaterThanOrEqual(5);
  });

  it("makes no forgery that passes under another key", async () => {
    const writing = { ...settings, tokens: 200, prompts, seed: "seen" };
    const texts = await writeAnswers(model, fixedList, 25, writing);
    const knowledge = thiefKnowledge(fixedList);
    const scores = learnScores(texts, knowledge, await expectedByLaw(model, texts, settings));
    const forger = { model, knowledge, scores, perplexity: perplexityUnder(model), unmarked: 1e3 };
    const [forged] = await forge(forger, 1, { ...writing, seed: "forged" });
    const log10P = (key: string): number =>
      detectText(unigram(testKey(key)), forged!.text, model.tokenizer).log10PValue;
    expect(log10P("stolen")).toBeLessThan(-4);
    for (const other of ["b", "c", "d", "e"]) expect(log10P(other)).toBeGreaterThan(-2.5);
  });

  it("gives the same curve for the same seed, and refuses to write without prompts", async () => {
    const options = { ...common, textsPerPoint: 1, scheme: fixedList, schemeLabel: "unigram", tokensSeen: [600] };
    expect(await measureStealing(options)).toEqual(await measureStealing(options));
    await expect(measureStealing({ ...options, unseenPrompts: [] })).rejects.toThrow(/unseenPrompts: wanted at least/);
  });
});

describe("presence", () => {
  const base = { model, settings, prompts, seed: "presence", tries: 4, tokensSeen: [1_500], permutations: 299 };

  it("keeps its level where there is no mark", () => {
    const random = seedrandom("null");
    const draw = (): number => Math.floor(6 * random() * random());
    const answers = (): number[][] => Array.from({ length: 8 }, () => [draw(), draw()]);
    const pValues = Array.from({ length: 400 }, () => {
      const tried = Array.from({ length: 4 }, (_, i) => ({
        promptTokens: [i],
        suspect: answers(),
        reference: answers(),
      }));
      return testPresence(tried, 199, random);
    });
    const below = (level: number): number => pValues.filter(({ pValue }) => pValue <= level).length;
    // Bin(400, .05): 20 ± 4.4; Bonferroni makes it less.
    expect(below(0.05)).toBeGreaterThan(5);
    expect(below(0.05)).toBeLessThanOrEqual(33);
    expect(below(0.5)).toBeLessThanOrEqual(230);
    expect(ksUniform(pValues.map(({ sameLastToken }) => sameLastToken)).pValue).toBeGreaterThan(0.001);
  });

  it("suspects an unmarked generator about as rarely as it says", async () => {
    const [point] = await measurePresence({ ...base, tries: 20, makeScheme: () => null, schemeLabel: "none" });
    expect(point!.suspected).toBeLessThanOrEqual(1);
    expect(point!.medianLog10PValue).toBeGreaterThan(-0.7);
  });

  it.each([
    ["kgw after one token", (i: number) => kgw(testKey(`${i}`), { seeding: "lefthash", contextWidth: 1 })],
    ["kgw selfhash", (i: number) => kgw(testKey(`${i}`))],
    ["unigram", (i: number) => unigram(testKey(`${i}`))],
    ["gumbel", (i: number) => gumbel(testKey(`${i}`))],
    ["synthid", (i: number) => synthid(testKey(`${i}`))],
  ])("finds %s from 1,500 tokens", async (schemeLabel, makeScheme) => {
    const [point] = await measurePresence({ ...base, makeScheme, schemeLabel });
    expect(point!.suspected).toBeGreaterThanOrEqual(3);
  });

  it("gives the same curve for the same seed, and refuses fewer tokens than an answer has", async () => {
    const makeScheme = (i: number) => kgw(testKey(`${i}`));
    const options = { ...base, tries: 2, tokensSeen: [200, 400], makeScheme, schemeLabel: "kgw" };
    const first = await measurePresence(options);
    expect(first.map(({ tokensSeen }) => tokensSeen)).toEqual([200, 400]);
    expect(await measurePresence(options)).toEqual(first);
    await expect(measurePresence({ ...options, tokensSeen: [3] })).rejects.toThrow(/one answer's 4, got \[3\]/);
  });
});
