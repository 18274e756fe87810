import { type ExpectedScores, TokenmarkError } from "@tokenmark/core";
import { chiSquareQuantile, studentTQuantile } from "@tokenmark/stats";
import { checkFigure, show } from "./argument-check.ts";
import type { KnownLaw } from "./known-law.ts";

/** What marked text scores a counted token, as unfavourable as the measurement lets it be. */
export interface Alternative {
  /** Lower bound of the mean. */
  readonly meanScore: number;
  readonly leastVariance: number;
  readonly mostVariance: number;
}

/**
 * Probability with which power from a measurement is no more than the real power, over the texts that happened to be
 * measured. The bounds of mean and variance each hold at half of the risk (Bonferroni).
 */
export const POWER_CONFIDENCE = 0.9;

const BOUND = (1 + POWER_CONFIDENCE) / 2;
/** More texts change the bounds by less than .3 %, and Student's quantile is not to be trusted far beyond. */
const MOST_DEGREES = 1e6;
/** Figures up to here leave every product with a length finite. */
const LARGEST_MEAN = 1e12;
const LARGEST_VARIANCE = LARGEST_MEAN ** 2;

/**
 * One-sided bounds of the measured alternative from k texts with n counted tokens: mean − t(k−1)·√(variance/n) and
 * (k−1)·variance/χ²(k−1), the textbook bounds of normal samples. Ten texts lower a power of .99 that is read off the plain
 * figures to about .85; without them two texts of chance agreement would do for "no evidence". null for fewer than two texts.
 *
 * Exact for texts of equal length; the variance of very unequal ones rests on fewer texts than are counted.
 */
export function boundAlternative(law: KnownLaw, expected: ExpectedScores): Alternative | null {
  const { meanScore, n, texts } = expected;
  if (texts < 2) return null;
  const degrees = Math.min(texts - 1, MOST_DEGREES);
  // Whole sums can agree by chance: they show no variance below that of two texts one step apart.
  const resolution = (latticeStep(law) ** 2 * texts) / (2 * n);
  const variance = Math.max(expected.variance, resolution);
  return {
    meanScore: meanScore - studentTQuantile(BOUND, degrees) * Math.sqrt(variance / n),
    leastVariance: (degrees * expected.variance) / chiSquareQuantile(BOUND, degrees),
    mostVariance: (degrees * variance) / chiSquareQuantile(1 - BOUND, degrees),
  };
}

/** Distance between neighbouring sums of equally weighted bits; 0 for every other law, which costs it a little power. */
export function latticeStep(law: KnownLaw): number {
  if (law.family !== "bernoulli") return 0;
  const weights = law.weights.filter((weight) => weight > 0);
  return weights.every((weight) => weight === weights[0]) ? (weights[0] ?? 0) : 0;
}

/** @throws TokenmarkError `bad-argument` unless the figures are numbers that power can be computed from. */
export function checkExpected(expected: ExpectedScores): void {
  if (typeof expected !== "object" || expected === null) {
    throw new TokenmarkError("bad-argument", `expected: wanted an object, got ${show(expected)}`);
  }
  if (typeof expected.model !== "string") {
    throw new TokenmarkError("bad-argument", `expected.model: wanted a string, got ${show(expected.model)}`);
  }
  checkFigure("expected.temperature", expected.temperature, 0, Number.MAX_VALUE);
  checkFigure("expected.topP", expected.topP, 0, 1);
  checkFigure("expected.topK", expected.topK, 0, Number.MAX_SAFE_INTEGER, true);
  checkFigure("expected.meanScore", expected.meanScore, -LARGEST_MEAN, LARGEST_MEAN);
  checkFigure("expected.variance", expected.variance, 0, LARGEST_VARIANCE);
  checkFigure("expected.n", expected.n, 1, Number.MAX_SAFE_INTEGER, true);
  checkFigure("expected.texts", expected.texts, 1, Number.MAX_SAFE_INTEGER, true);
}
