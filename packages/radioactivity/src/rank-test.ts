import type { WatermarkScheme } from "@tokenmark/core";
import { NEAR } from "./near.ts";
import type { Probe } from "./probe.ts";
import type { Tally } from "./tally.ts";
import type { TallyTest } from "./test-tally.ts";

/** Where a suspect stands among keys that nobody used. Plain JSON data. */
export interface WrongKeyRank {
  readonly keys: number;
  /** (1 + wrong keys that score at least as high) / (1 + keys): exact whatever the dependence, but no smaller than 1 / (1 + keys). */
  readonly rankPValue: number;
  /** Largest z-score of a wrong key. */
  readonly largestZScore: number;
}

/** How the tail of a test by rank is named. */
export const RANK_TAIL = "rank among wrong keys";

/** The rank among wrong keys that a p-value says; null if it says none. */
export function rankOf(pValue: number, keys: number): number | null {
  const rank = Math.round(pValue * (1 + keys));
  const isRank = Math.abs(pValue * (1 + keys) - rank) <= Math.min(1e-6, NEAR * (1 + keys));
  return isRank && rank >= 1 && rank <= 1 + keys ? rank : null;
}

const meanScore = ({ tokensScored, statistic }: Tally): number => (tokensScored === 0 ? 0 : statistic / tokensScored);

/**
 * The test of a scheme whose law is not known: the rank of its score among wrong keys, which were drawn as the true one was (Phipson & Smyth 2010,
 * equation 2). Mean and scatter, for the z-score, are the wrong keys' own.
 *
 * @param tally - the probe's under the true key.
 */
export function rankTest(
  probe: Probe,
  tally: Tally,
  schemeUnder: (i: number) => WatermarkScheme,
  keys: number,
): { readonly test: TallyTest; readonly wrongKeys: WrongKeyRank } {
  const own = meanScore(tally);
  const scores = Float64Array.from({ length: keys }, (_, i) => meanScore(probe.tally(schemeUnder(i))));
  const expectedScore = scores.reduce((sum, score) => sum + score, 0) / keys;
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - expectedScore) ** 2, 0) / (keys - 1));
  const zScoreOf = (score: number): number => (deviation > 0 ? (score - expectedScore) / deviation : 0);
  const atLeast = scores.reduce((count, score) => count + +(score >= own), 0);
  const rankPValue = (1 + atLeast) / (1 + keys);
  const { tokensScored, statistic } = tally;
  return {
    test: {
      tokensScored,
      statistic,
      meanScore: tokensScored === 0 ? expectedScore : own,
      expectedScore,
      zScore: zScoreOf(own),
      pValue: rankPValue,
      log10PValue: Math.log10(rankPValue),
      tail: RANK_TAIL,
    },
    wrongKeys: { keys, rankPValue, largestZScore: zScoreOf(scores.reduce((most, score) => Math.max(most, score))) },
  };
}
