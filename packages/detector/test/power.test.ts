import { gumbel, type Key, kgw, synthid, type WatermarkScheme } from "@tokenmark/core";
import { type Detection, detectTokens, estimateExpected, estimatePower, type KnownLaw } from "@tokenmark/detector";
import { createToySource, testKey, writeToyText } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { alarmTail } from "./null-texts.ts";

const CALIBRATION = 400;
const TEXTS = 400;
const FALSE_ALARM = 1e-3;
/** What the normal approximation may promise too much, in probability. */
const SLACK = 0.02;
/** What bounds from so many texts may hold back. */
const CAUTION = 0.08;
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

  test(`of ${TEXTS} new marked texts of ${length} tokens ${found} are found, and the mean power says ${(predicted * TEXTS).toFixed(0)} or more: within the binomial bounds at ${FALSE_ALARM} from power − ${SLACK} to power + ${CAUTION}`, () => {
    expect(predicted).toBeGreaterThan(0.2);
    expect(predicted).toBeLessThan(0.97);
    expect(alarmTail(found, TEXTS, Math.min(1, predicted + CAUTION))).toBeGreaterThan(FALSE_ALARM / 2);
    expect(alarmTail(TEXTS - found, TEXTS, 1 - predicted + SLACK)).toBeGreaterThan(FALSE_ALARM / 2);
  });

  test("power grows with length and with α, from 0 to 1", () => {
    const law = makeScheme(testKey("law")).nullLaw as KnownLaw;
    const powers = [0, 1, 10, 30, 100, 300, 1000].map((n) => estimatePower(law, expected, n, 1e-6)!);
    expect(powers).toEqual(powers.toSorted((a, b) => a - b));
    expect(powers[0]).toBe(0);
    expect(powers.at(-1)).toBeGreaterThan(0.99);
    expect(estimatePower(law, expected, 30, 1e-2)).toBeGreaterThan(estimatePower(law, expected, 30, 1e-6)!);
  });
});

test("without variance the alternative is a point", () => {
  const law = { family: "bernoulli", p: 0.5, weights: [1] } as const;
  const expected = { ...facts, meanScore: 1, variance: 0, n: 1e9, texts: 1000 };
  expect(estimatePower(law, expected, 30, 1e-6)).toBe(1);
  expect(estimatePower(law, { ...expected, meanScore: 0.5 }, 30, 1e-6)).toBe(0);
  // Five coins cannot all come up heads with a probability of 1e-6.
  expect(estimatePower(law, expected, 5, 1e-6)).toBe(0);
});
