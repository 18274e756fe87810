import { gumbel, type Key, kgw, synthid, type WatermarkScheme } from "@tokenmark/core";
import { type Detection, detectTokens, estimateExpected, estimatePower, type KnownLaw } from "@tokenmark/detector";
import { createToySource, testKey, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { alarmTail } from "./null-texts.ts";

const CALIBRATION = 400;
const TEXTS = 400;
const FALSE_ALARM = 1e-3;
/** What the normal alternative and the figures' own sampling error may cost, in probability. */
const SLACK = 0.04;
const facts = { model: "toy", temperature: 1, topP: 1, topK: 0 };
const source = createToySource({ vocabularySize: 192, seed: "power" });

const schemes: readonly [string, (key: Key) => WatermarkScheme, number][] = [
  ["gumbel", (key) => gumbel(key), 9],
  ["synthid", (key) => synthid(key), 9],
  ["kgw", (key) => kgw(key), 35],
];

describe.each(schemes)("%s", (name, makeScheme, length) => {
  const alpha = 1e-4;
  const detect = (label: string, i: number, expected?: ReturnType<typeof estimateExpected>): Detection => {
    const scheme = makeScheme(testKey(`power/${name}/${label}/${i}`));
    const tokens = writeToyText(source, { length, random: seedrandom(`${name}/${label}/${i}`), scheme });
    return detectTokens(scheme, tokens, { alpha, expected });
  };
  const expected = estimateExpected(
    Array.from({ length: CALIBRATION }, (_, i) => {
      const { statistic, tokensScored } = detect("calibrate", i);
      return { sum: statistic, n: tokensScored };
    }),
    facts,
  );
  const results = Array.from({ length: TEXTS }, (_, i) => detect("judge", i, expected));
  const found = results.filter(({ verdict }) => verdict === "marked").length;
  const predicted = results.reduce((sum, { power }) => sum + power!, 0) / TEXTS;

  test(`of ${TEXTS} new marked texts of ${length} tokens ${found} are found, and the mean power says ${(predicted * TEXTS).toFixed(0)}: within the two-sided binomial bound at ${FALSE_ALARM} around power ± ${SLACK}`, () => {
    expect(predicted).toBeGreaterThan(0.2);
    expect(predicted).toBeLessThan(0.97);
    expect(alarmTail(found, TEXTS, Math.min(1, predicted + SLACK))).toBeGreaterThan(FALSE_ALARM / 2);
    expect(alarmTail(TEXTS - found, TEXTS, Math.min(1, 1 - predicted + SLACK))).toBeGreaterThan(FALSE_ALARM / 2);
  });

  test("power grows with length and with α, from 0 to 1", () => {
    const law = makeScheme(testKey("law")).nullLaw as KnownLaw;
    const powers = [0, 1, 10, 30, 100, 300, 1000].map((n) => estimatePower(law, expected, n, 1e-6));
    expect(powers).toEqual(powers.toSorted((a, b) => a - b));
    expect(powers[0]).toBe(0);
    expect(powers.at(-1)).toBeGreaterThan(0.99);
    expect(estimatePower(law, expected, 30, 1e-2)).toBeGreaterThan(estimatePower(law, expected, 30, 1e-6));
  });
});

test("estimateExpected gives ΣS/ΣT and the variance a token between texts; texts without a counted token are left out", () => {
  const texts = [
    { sum: 12, n: 10 },
    { sum: 0, n: 0 },
    { sum: 18, n: 10 },
    { sum: 30, n: 20 },
  ];
  // Mean 60/40; deviations −3, 3 and 0; (9 + 9 + 0)/40 · 3/2.
  expect(estimateExpected(texts, facts)).toEqual({ ...facts, meanScore: 1.5, variance: 0.675, n: 40, texts: 3 });
});

test("texts that differ from one another make the variance larger than independent tokens would", () => {
  const even = Array.from({ length: 100 }, (_, i) => ({ sum: 150 + (i % 2 === 0 ? 1 : -1) * 10, n: 100 }));
  const uneven = Array.from({ length: 100 }, (_, i) => ({ sum: 150 + (i % 2 === 0 ? 1 : -1) * 40, n: 100 }));
  const spread = estimateExpected(uneven, facts).variance / estimateExpected(even, facts).variance;
  expect(spread).toBeCloseTo(16, 9);
});

test("without variance the alternative is a point", () => {
  const law = { family: "bernoulli", p: 0.5, weights: [1] } as const;
  const expected = { ...facts, meanScore: 1, variance: 0, n: 100, texts: 2 };
  expect(estimatePower(law, expected, 30, 1e-6)).toBe(1);
  expect(estimatePower(law, { ...expected, meanScore: 0.5 }, 30, 1e-6)).toBe(0);
  // Five coins cannot all come up heads with a probability of 1e-6.
  expect(estimatePower(law, expected, 5, 1e-6)).toBe(0);
});
