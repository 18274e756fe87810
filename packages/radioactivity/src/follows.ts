import type { WatermarkScheme } from "@tokenmark/core";
import { knownLaw } from "@tokenmark/detector";
import { PILOT_POWER } from "./audit-pilot.ts";
import type { AuditFindings, AuditTestResult } from "./audit-report.ts";
import { controlUnits } from "./control-units.ts";
import { hasKnownLaw } from "./known-law.ts";
import { unitsNeeded } from "./plan-probe.ts";
import { RANK_TAIL } from "./rank-test.ts";
import { type TallyTest, testTally } from "./test-tally.ts";
import { dispersedTail, dispersionInterval, testsTail } from "./wrong-keys.ts";

/** Two machines may differ in the last digits of a logarithm. */
const NEAR = 1e-9;

/** Whether two figures are the same but for rounding. Of p-values compare the logarithms: small ones are all near 0. */
export function isNear(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return a === b || Math.abs(a - b) <= NEAR * Math.max(1, Math.abs(a), Math.abs(b));
}

/** Whether a p-value belongs to its logarithm. */
export const isPowerOf = ({ pValue, log10PValue }: Pick<TallyTest, "pValue" | "log10PValue">): boolean =>
  Math.abs(pValue - 10 ** log10PValue) <= NEAR * 10 ** log10PValue;

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

/** Whether a test without a law is a rank among so many keys. */
function isRank(test: TallyTest, keys: number): boolean {
  const rank = Math.round(test.pValue * (1 + keys));
  return (
    test.tail === RANK_TAIL &&
    isPowerOf(test) &&
    rank >= 1 &&
    rank <= 1 + keys &&
    isNear(test.pValue, rank / (1 + keys))
  );
}

/** Figures of which some follow from others. */
type Figures = Pick<AuditFindings, "wrongKeys" | "controls" | "controlUnits"> & { readonly suspect: TallyTest };

/**
 * Whether what can be worked out again without the evidence follows: of a known law the p-values, scores and what the dispersion leaves; of none,
 * that p-values are ranks.
 *
 * @param scheme - under any key with the same law.
 * @param level - at which a control is loud.
 */
export function figuresFollow(scheme: WatermarkScheme, figures: Figures, level: number): boolean {
  const { suspect, wrongKeys, controls } = figures;
  if (!isNear(figures.controlUnits, controlUnits(scheme, suspect, level))) return false;
  if (!hasKnownLaw(scheme)) {
    const tests = [suspect, ...controls];
    return (
      !testsTail(wrongKeys) &&
      isNear(suspect.pValue, wrongKeys.rankPValue) &&
      tests.every((test) => isRank(test, wrongKeys.keys))
    );
  }
  if (!testsTail(wrongKeys)) return false;
  const { dispersion, keys, dispersionInterval: interval } = wrongKeys;
  return (
    testFollows(scheme, suspect) &&
    controls.every((control) => testFollows(scheme, control)) &&
    dispersionInterval(dispersion, keys).every((bound, i) => isNear(bound, interval[i]!)) &&
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
