import type { ExpectedScores } from "@tokenmark/core";
import { criticalValue, logNormalUpperTail } from "@tokenmark/stats";
import { type Alternative, boundAlternative, latticeStep, POWER_CONFIDENCE } from "./alternative.ts";
import type { KnownLaw } from "./known-law.ts";

/**
 * Probability that marked text with `tokensScored` counted tokens reaches p ≤ alpha, as low as the measurement lets it be: in
 * 9 of 10 measurements it is no more than the real power, however few texts were measured. For more power measure more texts.
 *
 * P(N ≥ critical(alpha, T)) with N normal, mean T·m, variance T·v, where m is a lower bound of the mean score and v a bound
 * of the variance, upper where m reaches the critical value and lower where it does not.
 *
 * The variance was measured over whole texts, differences between them included, at one length; for lengths far from that
 * one it is an extrapolation. Editing is not in it. Where all sums are multiples of one weight half of it is taken off the
 * critical value (continuity correction); without it a green list of 35 tokens would seem .07 weaker than it is.
 *
 * @returns a number in [0, 1]; 0 where no text of this length can reach alpha; null for figures of fewer than two texts.
 */
export function estimatePower(
  law: KnownLaw,
  expected: ExpectedScores,
  tokensScored: number,
  alpha: number,
): number | null {
  const alternative = boundAlternative(law, expected);
  return alternative && powerAgainst(law, alternative, tokensScored, alpha);
}

/** {@link estimatePower} for bounds worked out before: they cost more than the rest. */
export function powerAgainst(law: KnownLaw, alternative: Alternative, tokensScored: number, alpha: number): number {
  if (tokensScored === 0) return 0;
  const critical = criticalValue(law, tokensScored, alpha) - latticeStep(law) / 2;
  if (!Number.isFinite(critical)) return 0;
  const { meanScore, leastVariance, mostVariance } = alternative;
  const lead = tokensScored * meanScore - critical;
  // Spread takes from a mean beyond the critical value and gives to one before it.
  const deviation = Math.sqrt(tokensScored * (lead >= 0 ? mostVariance : leastVariance));
  if (deviation === 0) return lead >= 0 ? 1 : 0;
  return Math.min(1, Math.exp(logNormalUpperTail(-lead / deviation)));
}

/** What {@link estimatePower} takes for granted, in a sentence for the reader of a verdict. */
export function describePowerAssumptions(expected: ExpectedScores): string {
  const { model, temperature, topP, topK, n, texts } = expected;
  const cut = `${topP < 1 ? `, top-p ${topP}` : ""}${topK > 0 ? `, top-k ${topK}` : ""}`;
  const held = `${10 * POWER_CONFIDENCE} of 10 such measurements overstate nothing`;
  return `unedited text of ${model} at temperature ${temperature}${cut}, scoring as the ${n} tokens of ${texts} texts measured; lower bound, ${held}; normal approximation`;
}
