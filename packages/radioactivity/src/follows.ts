import type { WatermarkScheme } from "@tokenmark/core";
import { knownLaw } from "@tokenmark/detector";
import { PILOT_POWER } from "./audit-pilot.ts";
import type { AuditFindings, AuditTestResult } from "./audit-report.ts";
import { controlUnits } from "./control-units.ts";
import type { CorrectedTest } from "./correct-tests.ts";
import { hasKnownLaw } from "./known-law.ts";
import { isNear, NEAR } from "./near.ts";
import { unitsNeeded } from "./plan-probe.ts";
import { RANK_TAIL, rankOf } from "./rank-test.ts";
import { type TallyTest, testTally } from "./test-tally.ts";
import { dispersedTail, dispersionInterval, testsTail } from "./wrong-keys.ts";

/** Whether a p-value belongs to its logarithm. */
export const isPowerOf = ({ pValue, log10PValue }: Pick<TallyTest, "pValue" | "log10PValue">): boolean =>
  Math.abs(pValue - 10 ** log10PValue) <= NEAR * 10 ** log10PValue;

/** Whether a correction is the one that was worked out again. */
export const isCorrected = (own: CorrectedTest, again: CorrectedTest): boolean =>
  isNear(own.correctedLog10PValue, again.correctedLog10PValue) &&
  Math.abs(own.correctedPValue - again.correctedPValue) <= NEAR * again.correctedPValue;

/** Whether a test is what the law makes of its units and their sum. */
export function testFollows(scheme: WatermarkScheme, test: TallyTest): boolean {
  const again = testTally(scheme, test);
  return (
    isNear(test.log10PValue, again.log10PValue) &&
    isPowerOf(test) &&
    isNear(test.meanScore, again.meanScore) &&
    isNear(test.expectedScore, again.expectedScore) &&
    isNear(test.zScore, again.zScore) &&
    test.tail === again.tail
  );
}

/** Figures of which some follow from others. */
type Figures = Pick<AuditFindings, "wrongKeys" | "controls" | "controlUnits"> & { readonly suspect: TallyTest };

/**
 * Whether figures hang together, whatever the law: means are those of their sums, p-values those of their logarithms, ranks are ranks among the
 * wrong keys, and a dispersion has its interval and, where that lies above 1, a p-value of its own.
 */
export function figuresHang({ suspect, wrongKeys, controls }: Figures): boolean {
  const tests = [suspect, ...controls];
  const isFirst = rankOf(wrongKeys.rankPValue, wrongKeys.keys) === 1;
  if (!tests.every(isPowerOf) || isFirst !== wrongKeys.largestZScore < suspect.zScore) return false;
  if (
    !tests.every(
      ({ tokensScored, statistic, meanScore }) => tokensScored === 0 || isNear(meanScore, statistic / tokensScored),
    )
  ) {
    return false;
  }
  if (!testsTail(wrongKeys)) {
    const isRank = ({ pValue, tail }: TallyTest): boolean =>
      tail === RANK_TAIL && rankOf(pValue, wrongKeys.keys) !== null;
    return isNear(suspect.pValue, wrongKeys.rankPValue) && tests.every(isRank);
  }
  const { dispersion, keys, dispersionInterval: interval, dispersedLog10PValue: dispersed } = wrongKeys;
  const bounds = dispersionInterval(dispersion, keys);
  return (
    tests.every(({ tail }) => tail !== RANK_TAIL) &&
    bounds.every((bound, i) => isNear(bound, interval[i]!)) &&
    (dispersed === null) === !(bounds[0] > 1) &&
    (dispersed === null || dispersed >= suspect.log10PValue)
  );
}

/**
 * Whether what can be worked out again without the evidence follows from the law: p-values, scores, what the dispersion leaves, and the units that
 * are wanted of a control.
 *
 * @param scheme - under any key with the same law.
 * @param level - at which a control is loud.
 */
export function figuresFollow(scheme: WatermarkScheme, figures: Figures, level: number): boolean {
  const { suspect, wrongKeys, controls } = figures;
  if (!isNear(figures.controlUnits, controlUnits(scheme, suspect, level))) return false;
  if (!hasKnownLaw(scheme)) return !testsTail(wrongKeys);
  if (!testsTail(wrongKeys)) return false;
  return (
    [suspect, ...controls].every((test) => testFollows(scheme, test)) &&
    isNear(wrongKeys.dispersedLog10PValue, dispersedTail(scheme, suspect, wrongKeys))
  );
}

/** Whether the units that would have shown the suspect's own score are those that follow from it. */
export function neededFollows(
  scheme: WatermarkScheme,
  { needed, suspect }: Pick<AuditTestResult, "needed" | "suspect">,
  level: number,
): boolean {
  if (!hasKnownLaw(scheme) || suspect.tokensScored === 0) return needed === null;
  return (
    needed !== null &&
    isNear(needed.assumedScore, suspect.meanScore) &&
    isNear(needed.expectedScore, suspect.expectedScore) &&
    needed.tokensScored === unitsNeeded(knownLaw(scheme), needed.assumedScore, { alpha: level, power: PILOT_POWER })
  );
}
