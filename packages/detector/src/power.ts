import { type ExpectedScores, TokenmarkError } from "@tokenmark/core";
import { criticalValue, logNormalUpperTail } from "@tokenmark/stats";
import type { KnownLaw } from "./known-law.ts";

/**
 * Probability that marked text with `tokensScored` counted tokens reaches p ≤ alpha: P(N ≥ critical(alpha, T)) with
 * N normal, mean T·meanScore, variance T·variance.
 *
 * The variance was measured over whole texts, differences between them included, at one length; for lengths far from that
 * one it is an extrapolation. Editing is not in it. Where all sums are multiples of one weight half of it is taken off the
 * critical value (continuity correction); without it a green list of 35 tokens would seem .07 weaker than it is.
 *
 * @returns a number in [0, 1]; 0 where no text of this length can reach alpha.
 */
export function estimatePower(law: KnownLaw, expected: ExpectedScores, tokensScored: number, alpha: number): number {
  if (tokensScored === 0) return 0;
  const critical = criticalValue(law, tokensScored, alpha);
  if (!Number.isFinite(critical)) return 0;
  const mean = tokensScored * expected.meanScore;
  const deviation = Math.sqrt(tokensScored * expected.variance);
  if (deviation === 0) return mean >= critical ? 1 : 0;
  return Math.min(1, Math.exp(logNormalUpperTail((critical - latticeStep(law) / 2 - mean) / deviation)));
}

/** Distance between neighbouring sums of equally weighted bits; 0 for every other law, which costs it a little power. */
function latticeStep(law: KnownLaw): number {
  if (law.family !== "bernoulli") return 0;
  const weights = law.weights.filter((weight) => weight > 0);
  return weights.every((weight) => weight === weights[0]) ? (weights[0] ?? 0) : 0;
}

/** What {@link estimatePower} takes for granted, in a sentence for the reader of a verdict. */
export function describePowerAssumptions(expected: ExpectedScores): string {
  const { model, temperature, topP, topK, n, texts } = expected;
  const cut = `${topP < 1 ? `, top-p ${topP}` : ""}${topK > 0 ? `, top-k ${topK}` : ""}`;
  return `unedited text of ${model} at temperature ${temperature}${cut}, scoring as the ${n} tokens of ${texts} texts measured; normal approximation`;
}

/** @throws TokenmarkError `bad-argument` unless the figures that power needs are usable. */
export function checkExpected(expected: ExpectedScores): void {
  if (!Number.isFinite(expected.meanScore)) {
    throw new TokenmarkError(
      "bad-argument",
      `expected.meanScore: wanted a finite number, got ${String(expected.meanScore)}`,
    );
  }
  if (!(expected.variance >= 0 && expected.variance < Number.POSITIVE_INFINITY)) {
    throw new TokenmarkError(
      "bad-argument",
      `expected.variance: wanted a finite number of at least 0, got ${String(expected.variance)}`,
    );
  }
}
