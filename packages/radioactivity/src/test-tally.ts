import type { WatermarkScheme } from "@tokenmark/core";
import { knownLaw } from "@tokenmark/detector";
import { lawMean, lawVariance, upperTail } from "@tokenmark/stats";
import type { ClusterTally } from "./tally.ts";

/** What a tally says under one key. Plain JSON data. */
export interface TallyTest {
  /** T: unique units. */
  readonly tokensScored: number;
  readonly statistic: number;
  /** Mean score of a unit; `expectedScore` is what it is without this key. */
  readonly meanScore: number;
  readonly expectedScore: number;
  readonly zScore: number;
  readonly pValue: number;
  readonly log10PValue: number;
  /** "exact", the approximation's name, or "rank among wrong keys" where the scheme has no known law. */
  readonly tail: string;
}

/**
 * The exact upper tail over unique units: P(statistic or more | the student never saw text of this key).
 *
 * @throws TokenmarkError `bad-argument` for a scheme whose null law is unknown.
 */
export function testTally(scheme: WatermarkScheme, { tokensScored, statistic }: ClusterTally): TallyTest {
  const law = knownLaw(scheme);
  const expectedScore = lawMean(law);
  const deviation = Math.sqrt(tokensScored * lawVariance(law));
  const { log10PValue, tail } =
    tokensScored === 0 ? { log10PValue: 0, tail: "exact" } : upperTail(law, tokensScored, statistic);
  return {
    tokensScored,
    statistic,
    meanScore: tokensScored === 0 ? expectedScore : statistic / tokensScored,
    expectedScore,
    zScore: deviation > 0 ? (statistic - tokensScored * expectedScore) / deviation : 0,
    pValue: 10 ** log10PValue,
    log10PValue,
    tail,
  };
}
