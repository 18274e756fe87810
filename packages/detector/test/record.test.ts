import { dualGumbel, gumbel, kgw, synthid, unigram } from "@tokenmark/core";
import { createDetector, type Detection, detectTokens, explainDetection } from "@tokenmark/detector";
import { testKey } from "@tokenmark/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { oddScheme } from "./odd-schemes.ts";

const key = testKey("record");
const FIELDS = [
  "scheme",
  "tokensTotal",
  "tokensScored",
  "tokensRepeated",
  "tokensUnscoreable",
  "statistic",
  "zScore",
  "pValue",
  "log10PValue",
  "tail",
  "alpha",
  "verdict",
  "power",
  "powerAssumes",
  "correctedFor",
];

function expectSound(detection: Detection): void {
  expect(Object.keys(detection)).toEqual(FIELDS);
  expect(Object.isFrozen(detection)).toBe(true);
  expect(JSON.parse(JSON.stringify(detection))).toEqual(detection);
  const { tokensTotal, tokensScored, tokensRepeated, tokensUnscoreable, pValue, log10PValue, power } = detection;
  expect(tokensScored + tokensRepeated + tokensUnscoreable).toBe(tokensTotal);
  expect(pValue >= 0 && pValue <= 1 && log10PValue <= 0).toBe(true);
  expect(pValue).toBe(10 ** log10PValue);
  if (power !== null) expect(power >= 0 && power <= 1).toBe(true);
  for (const value of Object.values(detection))
    if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
}

describe.each([
  ["gumbel", gumbel(key)],
  ["dual-gumbel", dualGumbel(key)],
  ["dual-gumbel, key A alone", dualGumbel(key, { shareB: 0 })],
  ["synthid", synthid(key)],
  ["kgw", kgw(key)],
  ["unigram", unigram(key)],
])("%s", (_, scheme) => {
  test("every record has the same fields, is frozen, survives JSON and holds no NaN or infinity", () => {
    const size = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    const expected = fc.option(
      fc.record({ meanScore: size, variance: fc.double({ min: 0, max: 1e24, noNaN: true }) }),
      { nil: undefined },
    );
    const alpha = fc.double({ min: 1e-300, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 2147483647 }), { maxLength: 30 }),
        alpha,
        expected,
        (tokens, alpha, figures) => {
          const given = figures && { model: "m", temperature: 1, topP: 1, topK: 0, n: 1, texts: 2, ...figures };
          expectSound(detectTokens(scheme, tokens, { alpha, expected: given }));
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe("at the ends of the scale", () => {
  const context = { width: 1, prompt: "included", missing: "unmarked" } as const;
  const certain = (p: number, score: number) =>
    oddScheme(key, { context, unit: "ngram", nullLaw: { family: "bernoulli", p, weights: [1] }, score: () => score });
  const distinct = Int32Array.from({ length: 40_001 }, (_, i) => i);

  test("40,000 units of probability .001 give log₁₀ p = −120,000, p = 0, and a sentence that says neither 0 nor NaN", () => {
    const detection = detectTokens(certain(0.001, 1), distinct);
    expectSound(detection);
    expect(detection.log10PValue).toBeCloseTo(-120_000, 6);
    expect(detection.pValue).toBe(0);
    expect(explainDetection(detection)).toContain("p < 1e-9 (analytic value 1.0e-120000)");
  });

  test("the lowest possible score gives p = 1", () => {
    const detection = detectTokens(certain(0.001, 0), distinct);
    expectSound(detection);
    expect(detection.pValue).toBe(1);
  });

  test("a law without spread gives z = 0", () => {
    const detection = detectTokens(certain(1, 1), distinct.subarray(0, 50));
    expectSound(detection);
    expect([detection.zScore, detection.pValue]).toEqual([0, 1]);
  });

  test("a score that the declared law cannot reach is refused, not reported as infinite evidence", () => {
    expect(() => detectTokens(certain(0.5, 2), distinct.subarray(0, 50))).toThrow(/cannot reach/);
  });
});

test("weights off any lattice are tested by a named approximation, never as exact", () => {
  const weights = Array.from({ length: 12 }, (_, i) => Math.sqrt(i + 2));
  const scheme = oddScheme(key, {
    context: { width: 1, prompt: "included", missing: "unmarked" },
    nullLaw: { family: "bernoulli", p: 0.5, weights },
    score: (uniform) => weights.filter((_, i) => (uniform * 2 ** (i + 1)) % 1 < 0.5).reduce((a, b) => a + b, 0),
  });
  const detection = detectTokens(
    scheme,
    Array.from({ length: 60 }, (_, i) => i),
  );
  expectSound(detection);
  expect(detection.tail).toBe("saddlepoint");
  expect(explainDetection(detection)).toContain("by saddlepoint approximation");
});

test("a result is a snapshot: later tokens do not change it", () => {
  const detector = createDetector(gumbel(key));
  detector.push([1, 2, 3, 4, 5, 6]);
  const before = detector.result();
  const copy = { ...before };
  detector.push([7, 8, 9]);
  expect(before).toEqual(copy);
  expect(detector.result().tokensTotal).toBe(9);
});
