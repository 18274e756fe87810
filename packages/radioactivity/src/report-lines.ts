import type { AuditControl } from "./audit-control.ts";
import type { ScoreInterval } from "./cluster-bootstrap.ts";
import type { WrongKeyRank } from "./rank-test.ts";
import { testsTail } from "./wrong-keys.ts";

/** A p-value for people: as a power of ten where it is small. */
export const decades = (log10P: number): string =>
  log10P < -4 ? `1e${log10P.toFixed(1)}` : (10 ** log10P).toPrecision(2);

/** An interval for people; none where there was no unit, which JSON keeps as null. */
export const intervalText = ({ lower, upper }: ScoreInterval): string =>
  Number.isFinite(lower) ? `${lower.toFixed(4)} to ${upper.toFixed(4)}` : "none";

/** How many transcripts, or answers, an interval is over: of few it says little. */
export const textsCount = (clusters: number): string => (clusters === 1 ? "1 text" : `${clusters} texts`);

/** What a clean model gave under the right key. */
export const controlLine = ({ role, name, log10PValue, meanScore, tokensScored, retokenised }: AuditControl): string =>
  `  ${role.padEnd(14)} p ${decades(log10PValue)}, mean score ${meanScore.toFixed(4)}, ${tokensScored} units (${name}${retokenised ? ", re-tokenised" : ""})`;

/**
 * What wrong keys say of the tail, and of the suspect's p where they scatter.
 *
 * @param zScore - the suspect's.
 */
export function wrongKeyLines(wrongKeys: WrongKeyRank, zScore: number): readonly string[] {
  if (!testsTail(wrongKeys)) {
    const { keys, rankPValue, largestZScore } = wrongKeys;
    return [
      `  ${keys} wrong keys: rank p ${rankPValue.toPrecision(2)}, which is the p-value, since the mark has no known law; their largest z is ${largestZScore.toFixed(2)}, the suspect's ${zScore.toFixed(2)}`,
    ];
  }
  const [low, high] = wrongKeys.dispersionInterval;
  const line = `  ${wrongKeys.keys} wrong keys: KS p ${wrongKeys.ksPValue.toPrecision(2)}, mean z ${wrongKeys.meanZScore.toFixed(3)}, dispersion ${wrongKeys.dispersion.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}), rank p ${wrongKeys.rankPValue.toPrecision(2)}, ≤ .01: ${wrongKeys.atOrBelow[0]}`;
  if (wrongKeys.dispersedLog10PValue === null) return [line];
  return [line, `  over-dispersed: with the dispersion p is ${decades(wrongKeys.dispersedLog10PValue)}`];
}
