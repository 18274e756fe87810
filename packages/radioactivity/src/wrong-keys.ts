import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { knownLaw } from "@tokenmark/detector";
import { chiSquareQuantile, ksUniform, lawMean, upperTail } from "@tokenmark/stats";
import seedrandom from "seedrandom";
import type { Probe } from "./probe.ts";
import { randomisedPValue } from "./randomised-p.ts";
import type { WrongKeyRank } from "./rank-test.ts";
import { type TallyTest, testTally } from "./test-tally.ts";

/** How the printed tail stands against keys that nobody used. Plain JSON data. */
export interface WrongKeyTest extends WrongKeyRank {
  /** Kolmogorov–Smirnov p of the wrong keys' p-values against uniform, ties of discrete laws broken at random. */
  readonly ksPValue: number;
  /** Variance of the wrong keys' z-scores: 1 where the tail is right; with its 95 % interval (chi-square). */
  readonly dispersion: number;
  readonly dispersionInterval: readonly [lower: number, upper: number];
  readonly meanZScore: number;
  /** Wrong keys with p ≤ .01, and ≤ .001. */
  readonly atOrBelow: readonly [hundredth: number, thousandth: number];
  /**
   * The suspect's log10 p with its excess over the mean divided by the root of the dispersion (the law's own tail): what is left of the evidence
   * where the interval lies above 1. Null where the tail is not over-dispersed.
   */
  readonly dispersedLog10PValue: number | null;
}

/** Whether wrong keys tested a tail: without a known law there is none. */
export const testsTail = (wrongKeys: WrongKeyRank): wrongKeys is WrongKeyTest => "dispersion" in wrongKeys;

/** Fewer wrong keys test nothing. */
export const LEAST_WRONG_KEYS = 20;
/** Wrong keys that a plan has unless it says otherwise: they test the tail down to some .001, and with fewer nobody is convicted by it. */
export const USUAL_WRONG_KEYS = 1000;

/** The 95 % interval of a dispersion (chi-square). */
export function dispersionInterval(dispersion: number, keys: number): readonly [lower: number, upper: number] {
  const squares = dispersion * (keys - 1);
  return [squares / chiSquareQuantile(0.975, keys - 1), squares / chiSquareQuantile(0.025, keys - 1)];
}

/**
 * log10 of the exact tail where the excess over the mean is divided by the root of the dispersion, never below the exact p itself; null where the
 * dispersion's interval does not lie above 1.
 */
export function dispersedTail(
  scheme: WatermarkScheme,
  { tokensScored, statistic, log10PValue }: TallyTest,
  { dispersion, keys }: Pick<WrongKeyTest, "dispersion" | "keys">,
): number | null {
  if (!(dispersionInterval(dispersion, keys)[0] > 1)) return null;
  const law = knownLaw(scheme);
  const mean = tokensScored * lawMean(law);
  const shrunk = mean + (statistic - mean) / Math.sqrt(dispersion);
  return Math.max(log10PValue, upperTail(law, tokensScored, shrunk).log10PValue);
}

/**
 * Tests the tail itself: the same units under keys that nobody wrote with.
 *
 * @param suspect - what the true key gave, and its scheme, whose law is the suspect's.
 * @param schemeUnder - the scheme under wrong key i, drawn as the true key was.
 * @throws TokenmarkError `bad-argument` for fewer than {@link LEAST_WRONG_KEYS} keys.
 */
export function testWrongKeys(
  probe: Probe,
  suspect: { readonly scheme: WatermarkScheme; readonly test: TallyTest },
  schemeUnder: (i: number) => WatermarkScheme,
  keys: number,
): WrongKeyTest {
  if (!Number.isInteger(keys) || keys < LEAST_WRONG_KEYS) {
    throw new TokenmarkError(
      "bad-argument",
      `keys: wanted an integer of at least ${LEAST_WRONG_KEYS} wrong keys, got ${keys}`,
    );
  }
  const zScores: number[] = [];
  const pValues: number[] = [];
  const randomised: number[] = [];
  const random = seedrandom("ties of wrong keys");
  for (let i = 0; i < keys; i++) {
    const scheme = schemeUnder(i);
    const test = testTally(scheme, probe.tally(scheme));
    zScores.push(test.zScore);
    pValues.push(Math.min(1, test.pValue));
    randomised.push(Math.min(1, randomisedPValue(scheme, test, random())));
  }
  const mean = zScores.reduce((sum, z) => sum + z, 0) / keys;
  const squares = zScores.reduce((sum, z) => sum + (z - mean) ** 2, 0);
  const dispersion = squares / (keys - 1);
  const below = (level: number): number => pValues.filter((p) => p <= level).length;
  return {
    keys,
    ksPValue: ksUniform(randomised).pValue,
    dispersion,
    dispersionInterval: dispersionInterval(dispersion, keys),
    meanZScore: mean,
    rankPValue: (1 + zScores.filter((z) => z >= suspect.test.zScore).length) / (1 + keys),
    largestZScore: zScores.reduce((most, z) => Math.max(most, z)),
    atOrBelow: [below(0.01), below(0.001)],
    dispersedLog10PValue: dispersedTail(suspect.scheme, suspect.test, { dispersion, keys }),
  };
}
