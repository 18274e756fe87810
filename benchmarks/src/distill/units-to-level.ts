import type { WatermarkScheme } from "@tokenmark/core";
import { type Tally, testTally } from "@tokenmark/radioactivity";

/** Unique units after which the p-value is at most alpha and stays there to the end, transcript by transcript; null if it never does. */
export function unitsToLevel(scheme: WatermarkScheme, { clusters }: Tally, alpha: number): number | null {
  let tokensScored = 0;
  let statistic = 0;
  let reached: number | null = null;
  for (const cluster of clusters) {
    tokensScored += cluster.tokensScored;
    statistic += cluster.statistic;
    const prefix: Tally = { tokensScored, statistic, positions: 0, copied: 0, repeated: 0, clusters: [] };
    if (tokensScored > 0 && testTally(scheme, prefix).log10PValue <= Math.log10(alpha)) reached ??= tokensScored;
    else reached = null;
  }
  return reached;
}
