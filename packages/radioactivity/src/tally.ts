/** Evidence of one transcript or answer: a cluster, whose units may hang together in ways that a key does not see. */
export interface ClusterTally {
  readonly tokensScored: number;
  readonly statistic: number;
}

/** Evidence summed over unique units. */
export interface Tally {
  /** T: unique units. */
  readonly tokensScored: number;
  readonly statistic: number;
  /** Positions that were looked at: those left out for want of a context, as repeats or as copies among them. */
  readonly positions: number;
  /** Positions left out because their PRF input had occurred before in the same prompt and transcript: the student may have copied it. */
  readonly copied: number;
  /** Positions left out because the same unit had been counted before, anywhere in the probe set. */
  readonly repeated: number;
  /** One entry a transcript, in order. */
  readonly clusters: readonly ClusterTally[];
}

/** Clusters that hold a unit. */
export const clustersOf = ({ clusters }: Tally): number =>
  clusters.reduce((count, { tokensScored }) => count + +(tokensScored > 0), 0);

/** Sums clusters up. */
export function sumClusters(
  clusters: readonly ClusterTally[],
  left: Pick<Tally, "positions" | "copied" | "repeated">,
): Tally {
  let tokensScored = 0;
  let statistic = 0;
  for (const cluster of clusters) {
    tokensScored += cluster.tokensScored;
    statistic += cluster.statistic;
  }
  return { tokensScored, statistic, ...left, clusters };
}
