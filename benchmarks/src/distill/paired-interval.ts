import seedrandom from "seedrandom";
import { percentileInterval } from "../report/percentile-interval.ts";

const RESAMPLES = 1000;

/**
 * A 95 % bootstrap interval of a statistic of pairs, drawn with replacement.
 *
 * @param pairs - how many there are.
 * @param statistic - of the pairs with these indices.
 */
export function pairedInterval(
  pairs: number,
  seed: string,
  statistic: (drawn: readonly number[]) => number,
): { readonly lower: number; readonly upper: number } {
  const random = seedrandom.alea(seed);
  const draws = Float64Array.from({ length: RESAMPLES }, () =>
    statistic(Array.from({ length: pairs }, () => Math.floor(pairs * random()))),
  );
  return percentileInterval(draws);
}
