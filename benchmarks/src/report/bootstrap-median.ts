import { median } from "../timing.ts";
import { percentileInterval } from "./percentile-interval.ts";
import type { Difference } from "./proportion-difference.ts";

const RESAMPLES = 1000;

/**
 * Median of the first sample minus that of the second with a 95 % interval: percentiles of 1,000 bootstrap samples (Efron 1979), both
 * sides drawn anew, independently.
 *
 * @param random - uniform on [0, 1); a seeded one repeats the interval.
 */
export function medianDifference(
  first: readonly number[],
  second: readonly number[],
  random: () => number,
): Difference {
  const difference = median(first) - median(second);
  if (first.length === 0 || second.length === 0) {
    return Object.freeze({ difference, lower: Number.NaN, upper: Number.NaN });
  }
  const [a, b] = [medianDraws(first, random), medianDraws(second, random)];
  return Object.freeze({ difference, ...percentileInterval(a.map((value, i) => value - b[i]!)) });
}

/** Medians of bootstrap samples. Counting how often each order statistic is drawn saves sorting every sample. */
function medianDraws(values: readonly number[], random: () => number): Float64Array {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const counts = new Uint32Array(n);
  const [low, high] = [(n - 1) >> 1, n >> 1];
  return Float64Array.from({ length: RESAMPLES }, () => {
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[Math.floor(n * random())]!++;
    let [index, passed] = [0, counts[0]!];
    while (passed <= low) passed += counts[++index]!;
    const lower = sorted[index]!;
    while (passed <= high) passed += counts[++index]!;
    return (lower + sorted[index]!) / 2;
  });
}
