import { gumbel, kgw, synthid, unigram } from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import { createToySource, randomTokens, testKey, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";

const key = testKey("repetition");
const source = createToySource({ seed: "repetition" });
const repeat = (sentence: Int32Array, times: number): number[] =>
  Array.from({ length: times }, () => Array.from(sentence)).flat();

describe.each([
  ["gumbel", gumbel(key)],
  ["synthid", synthid(key)],
  ["kgw", kgw(key)],
  ["kgw lefthash", kgw(key, { seeding: "lefthash", contextWidth: 2 })],
  ["unigram", unigram(key)],
])("%s", (_, scheme) => {
  const { width } = scheme.context;
  const sentence = writeToyText(source, { length: 30, random: seedrandom("sentence"), scheme });

  test("a marked sentence twenty times has the p of twice, and once lacks only the contexts across the seam", () => {
    const once = detectTokens(scheme, sentence);
    const twice = detectTokens(scheme, repeat(sentence, 2));
    const twenty = detectTokens(scheme, repeat(sentence, 20));
    expect(twenty.log10PValue).toBe(twice.log10PValue);
    expect(twenty.tokensScored).toBe(twice.tokensScored);
    expect(twenty.tokensScored - once.tokensScored).toBeLessThanOrEqual(width);
    expect(twenty.tokensTotal).toBe(600);
    expect(twenty.tokensScored + twenty.tokensRepeated + twenty.tokensUnscoreable).toBe(600);
    // The seam's contexts are new, and unmarked evidence; twenty copies counted would have twenty times the logarithm.
    expect(twenty.log10PValue / once.log10PValue).toBeGreaterThan(0.5);
    expect(twenty.log10PValue / once.log10PValue).toBeLessThan(1.5);
  });
});

test("unigram over 250 tokens scores its distinct tokens", () => {
  const tokens = randomTokens("distinct", 250, 120);
  const { tokensScored, tokensRepeated } = detectTokens(unigram(key), tokens);
  expect(tokensScored).toBe(new Set(tokens).size);
  expect(tokensScored + tokensRepeated).toBe(250);
});

test("the first occurrence counts, with its own score", () => {
  const scheme = gumbel(key, { contextWidth: 1 });
  const { statistic, tokensScored } = detectTokens(scheme, [5, 6, 5, 7, 5, 8]);
  expect(tokensScored).toBe(3);
  expect(statistic).toBeCloseTo(scheme.score([5], 6) + scheme.score([6], 5) + scheme.score([7], 5), 12);
});
