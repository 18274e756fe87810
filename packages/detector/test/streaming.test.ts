import { dualGumbel, gumbel, kgw, synthid, unigram, type WatermarkScheme } from "@tokenmark/core";
import { createDetector, type Detection, detectTokens } from "@tokenmark/detector";
import { randomTokens, testKey } from "@tokenmark/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { naiveCount } from "./naive-count.ts";
import { oddScheme } from "./odd-schemes.ts";

const key = testKey("streaming");
const schemes: readonly [string, WatermarkScheme][] = [
  ["gumbel", gumbel(key)],
  ["dual-gumbel", dualGumbel(key, { contextWidth: 2 })],
  ["synthid", synthid(key)],
  ["kgw lefthash, width 1", kgw(key, { seeding: "lefthash", contextWidth: 1 })],
  ["kgw selfhash", kgw(key)],
  ["unigram", unigram(key)],
  [
    "a prompt excluded, padded with −1",
    oddScheme(key, { context: { width: 3, prompt: "excluded", missing: { pad: -1 } } }),
  ],
  [
    "a prompt excluded, short contexts unmarked",
    oddScheme(key, { context: { width: 3, prompt: "excluded", missing: "unmarked" }, unit: "ngram" }),
  ],
  [
    "a prompt included, short contexts scored",
    oddScheme(key, { context: { width: 4, prompt: "included", missing: "short" } }),
  ],
  [
    "a budget of marked contexts",
    oddScheme(key, { context: { width: 2, prompt: "included", missing: "short", least: 1 }, budget: 6 }),
  ],
  [
    "a prompt included, padded with 0",
    oddScheme(key, { context: { width: 2, prompt: "included", missing: { pad: 0 } } }),
  ],
];

const textOf = (kinds: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat({ max: kinds - 1 }), { maxLength });
const anyText = (maxLength: number): fc.Arbitrary<number[]> =>
  fc.oneof(textOf(3, maxLength), textOf(50_000, maxLength));
const anyPrompt = fc.option(anyText(12), { nil: undefined });

function stream(
  scheme: WatermarkScheme,
  prompt: number[] | undefined,
  tokens: ArrayLike<number>,
  cuts: readonly number[],
): Detection {
  const detector = createDetector(scheme, prompt === undefined ? {} : { prompt });
  let at = 0;
  for (const cut of cuts) {
    detector.push(Array.prototype.slice.call(tokens, at, at + cut));
    // Looking changes nothing.
    detector.result();
    at += cut;
  }
  detector.push(Array.prototype.slice.call(tokens, at));
  return detector.result();
}

const batch = (scheme: WatermarkScheme, prompt: number[] | undefined, tokens: number[]): Detection =>
  prompt === undefined
    ? detectTokens(scheme, tokens)
    : detectTokens(scheme, [...prompt, ...tokens], { start: prompt.length, promptKnown: true });

describe.each(schemes)("%s", (_, scheme) => {
  test("streaming equals batch to the last bit, however the text is cut", () => {
    fc.assert(
      fc.property(anyPrompt, anyText(40), fc.array(fc.nat({ max: 9 }), { maxLength: 12 }), (prompt, tokens, cuts) => {
        expect(stream(scheme, prompt, tokens, cuts)).toEqual(batch(scheme, prompt, tokens));
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  test("the counts and the sum are those of a slow count over the whole text", () => {
    fc.assert(
      fc.property(anyPrompt, anyText(60), fc.boolean(), (prompt, tokens, dropPromptUnits) => {
        const detector = createDetector(scheme, { dropPromptUnits, ...(prompt === undefined ? {} : { prompt }) });
        detector.push(tokens);
        const { statistic, tokensScored, tokensRepeated, tokensUnscoreable } = detector.result();
        const { sum, scored, repeated, unscoreable } = naiveCount(scheme, prompt, tokens, dropPromptUnits);
        expect([tokensScored, tokensRepeated, tokensUnscoreable]).toEqual([scored, repeated, unscoreable]);
        expect(statistic).toBeCloseTo(sum, 9);
      }),
      { numRuns: 150, seed: 2 },
    );
  });

  test("nothing changes where the inner buffer of 4,096 tokens ends, in the text or in a prompt of 5,000", () => {
    const tokens = Array.from(randomTokens("long", 9000, 60));
    for (const prompt of [undefined, Array.from(randomTokens("long prompt", 5000, 60))]) {
      const whole = batch(scheme, prompt, tokens);
      const { sum, scored } = naiveCount(scheme, prompt, tokens, true);
      expect(whole.tokensScored).toBe(scored);
      expect(whole.statistic).toBeCloseTo(sum, 7);
      for (const cuts of [[4095, 1, 1], [4096, 4096], [1, 4096], [8999]])
        expect(stream(scheme, prompt, tokens, cuts)).toEqual(whole);
    }
  });

  test("typed arrays and plain arrays are read alike", () => {
    const tokens = randomTokens("typed", 200, 50);
    expect(detectTokens(scheme, tokens, { start: 20, promptKnown: true })).toEqual(
      detectTokens(scheme, Array.from(tokens), { start: 20, promptKnown: true }),
    );
  });
});
