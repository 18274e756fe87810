import { requireCount, requireOpenProbability } from "./argument-check.ts";
import { betaQuantile, normalQuantile } from "./quantiles.ts";

/** Two-sided interval for a proportion, inside [0, 1]. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

function requireProportion(successes: number, n: number, confidence: number): void {
  requireCount("n", n, 1);
  requireCount("successes", successes, 0);
  if (successes > n) throw new RangeError(`successes: wanted at most n = ${n}, got ${successes}`);
  requireOpenProbability("confidence", confidence);
}

/**
 * Wilson's score interval for successes out of n (Wilson 1927, "Probable inference, the law of succession, and
 * statistical inference"): near its nominal coverage on average, which it undercuts for some proportions.
 *
 * @param confidence - two-sided, for example 0.95.
 * @throws RangeError unless 0 ≤ successes ≤ n, n ≥ 1 and 0 < confidence < 1.
 */
export function wilsonInterval(successes: number, n: number, confidence: number): Interval {
  requireProportion(successes, n, confidence);
  const z = -normalQuantile((1 - confidence) / 2);
  const share = successes / n;
  const denominator = 1 + (z * z) / n;
  const centre = (share + (z * z) / (2 * n)) / denominator;
  const half = (z / denominator) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return {
    lower: successes === 0 ? 0 : Math.max(0, centre - half),
    upper: successes === n ? 1 : Math.min(1, centre + half),
  };
}

/**
 * Clopper and Pearson's interval (1934, "The use of confidence or fiducial limits"): covers at least its nominal
 * confidence for every proportion. The one to print for measured false-alarm rates.
 *
 * @param confidence - two-sided, for example 0.95. For a one-sided 95 % upper bound ask for 0.90.
 * @throws RangeError unless 0 ≤ successes ≤ n, n ≥ 1 and 0 < confidence < 1.
 */
export function clopperPearson(successes: number, n: number, confidence: number): Interval {
  requireProportion(successes, n, confidence);
  const side = (1 - confidence) / 2;
  return {
    lower: successes === 0 ? 0 : betaQuantile(side, successes, n - successes + 1),
    upper: successes === n ? 1 : betaQuantile(1 - side, successes + 1, n - successes),
  };
}
