import type { WatermarkScheme } from "@tokenmark/core";
import type { AuditFindings } from "./audit-report.ts";
import { controlUnits } from "./control-units.ts";
import { hasKnownLaw } from "./known-law.ts";
import { type TallyTest, testTally } from "./test-tally.ts";
import { dispersedTail, testsTail } from "./wrong-keys.ts";

/** Two machines may differ in the last digits of a logarithm. */
const NEAR = 1e-9;

/** Whether two figures are the same but for rounding. */
export function isNear(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return a === b || Math.abs(a - b) <= NEAR * Math.max(1, Math.abs(a), Math.abs(b));
}

/** Whether a test is what the law makes of its units and their sum. */
function testFollows(scheme: WatermarkScheme, test: TallyTest): boolean {
  const again = testTally(scheme, test);
  return (
    isNear(test.log10PValue, again.log10PValue) &&
    isNear(test.pValue, again.pValue) &&
    isNear(test.meanScore, again.meanScore) &&
    isNear(test.expectedScore, again.expectedScore) &&
    isNear(test.zScore, again.zScore) &&
    test.tail === again.tail
  );
}

/** Figures of which some follow from others. */
type Figures = Pick<AuditFindings, "wrongKeys" | "controls" | "controlUnits"> & { readonly suspect: TallyTest };

/**
 * Whether what can be worked out again without the evidence follows: of a known law the p-values, scores and what the dispersion leaves; of none,
 * that the suspect's p is its rank.
 *
 * @param scheme - under any key: keys do not change the law.
 * @param level - at which a control is loud.
 */
export function figuresFollow(scheme: WatermarkScheme, figures: Figures, level: number): boolean {
  const { suspect, wrongKeys, controls } = figures;
  if (!hasKnownLaw(scheme)) return !testsTail(wrongKeys) && suspect.pValue === wrongKeys.rankPValue;
  return (
    testsTail(wrongKeys) &&
    testFollows(scheme, suspect) &&
    controls.every((control) => testFollows(scheme, control)) &&
    isNear(wrongKeys.dispersedLog10PValue, dispersedTail(scheme, suspect, wrongKeys)) &&
    figures.controlUnits === controlUnits(scheme, suspect, level)
  );
}
