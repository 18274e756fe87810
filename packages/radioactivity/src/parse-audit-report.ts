import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { pilotUnits } from "./audit-pilot.ts";
import { type AuditPlan, type PlannedTest, parseAuditPlan } from "./audit-plan.ts";
import { type AuditReport, type AuditTestResult, RIVALS } from "./audit-report.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type CorrectedTest, correctTests } from "./correct-tests.ts";
import { type Decision, decideVerdict } from "./decide-verdict.ts";
import { figuresFollow, isNear } from "./follows.ts";
import { loudLevel } from "./loud-level.ts";
import { checkPlannedControls } from "./planned-controls.ts";

/** A test's scheme under any key: keys do not change the law. */
type SchemeOf = (test: PlannedTest) => WatermarkScheme;

function refuse(what: string): never {
  throw new TokenmarkError("bad-config", `report: ${what}; run the plan again to know`);
}

/** Whether all that the plan promised of a test ran. */
function checkWhole(plan: AuditPlan, { mode, controls, wrongKeys }: AuditTestResult): void {
  const count = (role: string): number => controls.filter((control) => control.role === role).length;
  const given = { cleanStudents: count("clean student"), baseModels: count("base model") };
  try {
    checkPlannedControls(plan, given, `${mode} mode`);
  } catch (cause) {
    refuse((cause as Error).message);
  }
  if (wrongKeys.keys !== plan.controls.wrongKeys) {
    refuse(`wanted the plan's ${plan.controls.wrongKeys} wrong keys, got ${wrongKeys.keys}`);
  }
}

/** What follows from the figures is worked out again: p-values, correction, verdicts and their reasons. The figures themselves only a run can give. */
function checkDecisions({ plan, results, rivals }: AuditReport, schemeOf: SchemeOf | undefined): void {
  const isTest = ({ scheme, keyId, mode }: PlannedTest, i: number): boolean =>
    canonicalJson({ scheme, keyId, mode }) ===
    canonicalJson({ scheme: plan.tests[i]!.scheme, keyId: plan.tests[i]!.keyId, mode: plan.tests[i]!.mode });
  if (!results.every(isTest)) refuse("wanted the plan's tests in their order, got others");
  const level = loudLevel(plan.alpha, results.length);
  let corrected: readonly CorrectedTest[];
  let decided: readonly Decision[];
  let follow: boolean;
  try {
    corrected = correctTests(results.map(({ suspect }) => suspect));
    decided = results.map((result, i) =>
      decideVerdict(result, corrected[i]!.correctedPValue, plan.alpha, results.length),
    );
    follow =
      schemeOf === undefined ||
      results.every((result) => {
        const scheme = schemeOf(result);
        return figuresFollow(scheme, result, level) && result.pilotUnits === pilotUnits(plan, result, scheme);
      });
  } catch {
    refuse("wanted whole results, got some with figures missing");
  }
  if (!follow) refuse("wanted figures that follow from the units and their sums, got others: it was changed");
  results.forEach((result, i) => {
    const { verdict, because } = decided[i]!;
    if (
      result.verdict !== verdict ||
      result.because !== because ||
      !isNear(result.correctedLog10PValue, corrected[i]!.correctedLog10PValue) ||
      !isNear(result.correctedPValue, corrected[i]!.correctedPValue)
    ) {
      refuse(`wanted the verdict that follows from its figures (${verdict}), got another: it was changed`);
    }
    checkWhole(plan, result);
  });
  if (canonicalJson(rivals) !== canonicalJson(RIVALS)) refuse("wanted its rival explanations, got others");
}

/**
 * Reads a report and refuses one that does not fit the plan in it, whose plan was changed, or whose verdicts do not follow from its figures.
 *
 * @param schemeOf - a test's scheme under any key; with it p-values are worked out again too, from units and sums.
 * @throws TokenmarkError `bad-config`.
 */
export function parseAuditReport(value: unknown, schemeOf?: SchemeOf): AuditReport {
  const report = value as Partial<AuditReport> | null;
  if (report?.format !== "tokenmark-audit-report/1") {
    throw new TokenmarkError("bad-config", "report: wanted a report of audit-model, got something else");
  }
  const plan = parseAuditPlan(report.plan);
  if (plan.digest !== report.planDigest) {
    throw new TokenmarkError("bad-config", "report: wanted the plan that it was made with, got another");
  }
  if (!Array.isArray(report.results) || report.results.length !== plan.tests.length) {
    throw new TokenmarkError("bad-config", `report: wanted a result of each of the plan's ${plan.tests.length} tests`);
  }
  if (typeof report.suspect !== "string") refuse("wanted the suspect's name, got none");
  const whole = report as AuditReport;
  checkDecisions(whole, schemeOf);
  return whole;
}
