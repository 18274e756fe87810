import seedrandom from "seedrandom";
import type { Tally } from "./tally.ts";

/** A 95 % interval. */
export interface ScoreInterval {
  readonly lower: number;
  readonly upper: number;
}

const RESAMPLES = 1000;

/**
 * Interval of the mean score a unit, transcripts drawn with replacement (cluster bootstrap): units of one transcript hang together. An interval
 * only, never a p-value.
 */
export function clusterBootstrap({ clusters }: Tally, seed: string): ScoreInterval {
  const random = seedrandom(seed);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let scored = 0;
    let statistic = 0;
    for (let i = 0; i < clusters.length; i++) {
      const cluster = clusters[Math.floor(random() * clusters.length)]!;
      scored += cluster.tokensScored;
      statistic += cluster.statistic;
    }
    return scored === 0 ? Number.NaN : statistic / scored;
  })
    .filter((mean) => !Number.isNaN(mean))
    .sort();
  const at = (share: number): number =>
    means[Math.min(means.length - 1, Math.floor(share * means.length))] ?? Number.NaN;
  return { lower: at(0.025), upper: at(0.975) };
}
