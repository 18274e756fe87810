import seedrandom from "seedrandom";
import { percentileInterval } from "../report/percentile-interval.ts";
import type { MeanWithInterval } from "../survival/results.ts";

const RESAMPLES = 1000;

/**
 * The mean of a sample with its 95 % percentile bootstrap interval (Efron 1979), `transform` applied to all three; NaN entries are left
 * out. The same values and seed give the same interval.
 */
export function bootstrapMean(
  values: readonly number[],
  seed: string,
  transform: (mean: number) => number = (mean) => mean,
): MeanWithInterval {
  const known = values.filter((value) => !Number.isNaN(value));
  const n = known.length;
  const random = seedrandom(seed);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += known[Math.floor(n * random())]!;
    return sum / n;
  });
  const { lower, upper } = percentileInterval(means);
  const mean = known.reduce((sum, value) => sum + value, 0) / n;
  return { mean: transform(mean), lower: transform(lower), upper: transform(upper) };
}
