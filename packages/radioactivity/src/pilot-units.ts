import type { WatermarkScheme } from "@tokenmark/core";
import { knownLaw } from "@tokenmark/detector";
import { lawMean, normalCdf, normalQuantile } from "@tokenmark/stats";
import { PILOT_POWER, type PilotScore } from "./audit-pilot.ts";
import type { AuditPlan } from "./audit-plan.ts";
import { excessOfShare } from "./excess-of-share.ts";
import { hasKnownLaw } from "./known-law.ts";
import { loudLevel } from "./loud-level.ts";
import { isNear } from "./near.ts";
import { unitsNeeded } from "./plan-probe.ts";
import { isSameTest, type PlannedTest } from "./planned-test.ts";

/** Scores of a plan's pilots that say something of a test. */
function scoresFor(
  { pilots = [] }: AuditPlan,
  test: PlannedTest,
  retokenised: boolean,
): readonly (PilotScore & { readonly shareRatio: number })[] {
  return pilots.flatMap(({ shareRatio, scores }) =>
    scores
      .filter((known) => isSameTest(known, test) && (known.retokenised || !retokenised))
      .map((score) => ({ ...score, shareRatio })),
  );
}

/** Whether a plan has a pilot for a test at all. */
export const hasPilot = (plan: AuditPlan, test: PlannedTest, retokenised: boolean): boolean =>
  scoresFor(plan, test, retokenised).length > 0;

/**
 * So often a suspect's z lies above the loud level by what a control of its size needs to be loud with power {@link PILOT_POWER}: a finding wants a
 * control that could have been.
 */
const CONVICTING_POWER = normalCdf(2 * normalQuantile(PILOT_POWER));

/**
 * Units that find a student such as the pilots' with power {@link PILOT_POWER} at the plan's level, corrected for all its tests (Bonferroni), beside a
 * control that reads as much; null where the plan has no pilot for the test, no number of units will do, or the law is not known. Of several pilots
 * of one share the weakest counts: students of one recipe differ.
 *
 * @param scheme - the test's, under its key or another with the same law.
 * @param retokenised - whether the suspect's text was encoded anew: then only pilots count whose text was, too. @defaultValue false
 */
export function pilotUnits(
  plan: AuditPlan,
  test: PlannedTest,
  scheme: WatermarkScheme,
  retokenised = false,
): number | null {
  if (!hasKnownLaw(scheme)) return null;
  const law = knownLaw(scheme);
  const mean = lawMean(law);
  const pilots = scoresFor(plan, test, retokenised).filter(({ expectedScore }) => isNear(expectedScore, mean));
  if (pilots.length === 0) return null;
  const weakest = pilots.filter(({ shareRatio, excess }) =>
    pilots.every((other) => other.shareRatio !== shareRatio || other.excess >= excess),
  );
  const assumed = mean + excessOfShare(weakest);
  const tests = plan.tests.length;
  const units = unitsNeeded(law, assumed, { alpha: plan.alpha / tests, power: PILOT_POWER });
  const convicting = unitsNeeded(law, assumed, { alpha: loudLevel(plan.alpha, tests), power: CONVICTING_POWER });
  return units === null || convicting === null ? null : Math.max(units, convicting);
}
