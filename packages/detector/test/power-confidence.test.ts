import { gumbel } from "@tokenmark/core";
import { DECISIVE_POWER, detectTokens, estimateExpected, estimatePower, type KnownLaw } from "@tokenmark/detector";
import { criticalValue, normalCdf, normalQuantile } from "@tokenmark/stats";
import { testKey } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { standardNormal } from "./standard-normal.ts";

const CALIBRATIONS = 2000;
const LENGTH = 100;
const ALPHA = 1e-6;
const TRUE_POWER = 0.61;
const VARIANCE = 2;
const facts = { model: "toy", temperature: 1, topP: 1, topK: 0 };
const law: KnownLaw = { family: "exponential", weights: [1] };
const green: KnownLaw = { family: "bernoulli", p: 0.25, weights: [1] };

/** The mean score at which texts of LENGTH tokens are found with a given probability. */
function meanForPower(power: number): number {
  return (criticalValue(law, LENGTH, ALPHA) + normalQuantile(power) * Math.sqrt(VARIANCE * LENGTH)) / LENGTH;
}

/** Power as many measurements of the same deployment put it. */
function powersAfter(label: string, lengths: readonly number[]): readonly number[] {
  const random = seedrandom(`power confidence/${label}`);
  const mean = meanForPower(TRUE_POWER);
  return Array.from({ length: CALIBRATIONS }, () => {
    const texts = lengths.map((n) => ({ sum: n * mean + Math.sqrt(VARIANCE * n) * standardNormal(random), n }));
    return estimatePower(law, estimateExpected(texts, facts), LENGTH, ALPHA)!;
  });
}

const share = (values: readonly number[], from: number): number =>
  values.filter((value) => value >= from).length / values.length;

describe(`where marked text is found with probability ${TRUE_POWER}, of ${CALIBRATIONS} measurements`, () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ["2 texts of 100", [100, 100]],
    ["3 texts of 100", new Array(3).fill(100)],
    ["5 texts of 100", new Array(5).fill(100)],
    ["10 texts of 100", new Array(10).fill(100)],
    ["2 texts of 1,000 and 10", [1000, 10]],
    ["2 texts of 20", [20, 20]],
    ["10 texts of 20", new Array(10).fill(20)],
    ["4 texts of 400, 50, 50 and 50", [400, 50, 50, 50]],
  ];
  for (const [label, lengths] of cases) {
    const powers = powersAfter(label, lengths);
    const decisive = share(powers, DECISIVE_POWER);
    const over = share(powers, TRUE_POWER);
    test(`on ${label} tokens ${(100 * decisive).toFixed(1)} % claim ${DECISIVE_POWER}, at most 5 %, and ${(100 * over).toFixed(1)} % more than there is, at most 10 %`, () => {
      expect(decisive).toBeLessThanOrEqual(0.05);
      expect(over).toBeLessThanOrEqual(0.1);
    });
  }
});

describe("green lists, whose sums agree by chance", () => {
  const critical = criticalValue(green, 35, ALPHA);
  // Share of green tokens with which about three texts of five are found.
  const p = 0.66;
  for (const count of [2, 3, 5, 10]) {
    const random = seedrandom(`green/${count}`);
    const greens = (): number => Array.from({ length: 35 }, () => random()).filter((u) => u < p).length;
    const found = Array.from({ length: 20_000 }, greens).filter((sum) => sum >= critical).length / 20_000;
    const powers = Array.from({ length: CALIBRATIONS }, () => {
      const texts = Array.from({ length: count }, () => ({ sum: greens(), n: 35 }));
      return estimatePower(green, estimateExpected(texts, facts), 35, ALPHA)!;
    });
    const decisive = share(powers, DECISIVE_POWER);
    test(`power ${found.toFixed(2)}, ${count} texts of 35 tokens: ${(100 * decisive).toFixed(1)} % of ${CALIBRATIONS} measurements claim ${DECISIVE_POWER}, at most 5 %`, () => {
      expect(found).toBeGreaterThan(0.5);
      expect(found).toBeLessThan(0.7);
      expect(decisive).toBeLessThanOrEqual(0.05);
    });
  }
});

describe("many texts", () => {
  for (const [texts, within] of [
    [100, 0.13],
    [1000, 0.04],
    [100_000, 0.005],
  ] as const) {
    test(`power from ${texts} is below that of the plain figures, by ${within} at most`, () => {
      for (const power of [0.05, 0.3, 0.5, 0.61, 0.9, 0.99]) {
        const expected = {
          ...facts,
          meanScore: meanForPower(power),
          variance: VARIANCE,
          n: texts * LENGTH,
          texts,
        };
        const predicted = estimatePower(law, expected, LENGTH, ALPHA)!;
        expect(predicted).toBeLessThan(power);
        expect(predicted).toBeGreaterThan(power - within);
      }
    });
  }

  test("no number of texts is too large for the quantiles", () => {
    const expected = {
      ...facts,
      meanScore: meanForPower(0.61),
      variance: VARIANCE,
      n: 2 ** 53 - 1,
      texts: 2 ** 53 - 1,
    };
    expect(estimatePower(law, expected, LENGTH, ALPHA)).toBeCloseTo(0.61, 3);
  });

  test("power never rises with fewer texts", () => {
    const powers = [2, 3, 5, 10, 30, 100, 1000].map((texts) => {
      const expected = { ...facts, meanScore: meanForPower(0.95), variance: VARIANCE, n: texts * LENGTH, texts };
      return estimatePower(law, expected, LENGTH, ALPHA)!;
    });
    expect(powers).toEqual(powers.toSorted((a, b) => a - b));
    expect(powers[3]!).toBeGreaterThan(normalCdf(0));
  });
});

test("one text shows no variance: power is null, as are its assumptions, and the verdict is 'cannot tell'", () => {
  const expected = { ...facts, meanScore: 3, variance: 2, n: 400, texts: 1 };
  const tokens = Array.from({ length: 500 }, (_, i) => i);
  expect(estimatePower(law, expected, 400, ALPHA)).toBeNull();
  expect(detectTokens(gumbel(testKey("one text")), tokens, { expected })).toMatchObject({
    verdict: "cannot-tell",
    power: null,
    powerAssumes: null,
  });
  const two = detectTokens(gumbel(testKey("one text")), tokens, { expected: { ...expected, texts: 2 } });
  expect(two.powerAssumes).toBe(
    "unedited text of toy at temperature 1, scoring as the 400 tokens of 2 texts measured; lower bound, 9 of 10 such measurements overstate nothing; normal approximation",
  );
});
