import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { type AuditPlan, parseAuditPlan } from "./audit-plan.ts";
import { type AuditReport, type AuditTestResult, RIVALS } from "./audit-report.ts";
import { canonicalJson } from "./canonical-json.ts";
import { correctTests } from "./correct-tests.ts";
import { decideVerdict } from "./decide-verdict.ts";
import { isLine } from "./field-rules.ts";
import { resultFault } from "./findings-faults.ts";
import { figuresFollow, figuresHang, isCorrected, neededFollows } from "./follows.ts";
import { loudLevel } from "./loud-level.ts";
import { hasPilot, pilotUnits } from "./pilot-units.ts";
import { checkPlannedControls } from "./planned-controls.ts";
import { isSameTest, type PlannedTest } from "./planned-test.ts";
import { testsTail } from "./wrong-keys.ts";

/**
 * A test's scheme under any key with the same law; null where the law hangs on the key.
 *
 * @throws TokenmarkError for a config that it does not know.
 */
type SchemeOf = (test: PlannedTest) => WatermarkScheme | null;

function refuse(what: string): never {
  throw new TokenmarkError("bad-config", `report: ${what}; run the plan again to know`);
}

/** Refuses results that are not those of the plan's tests, or lack something. */
function checkShape({ plan, results }: AuditReport): void {
  results.forEach((result, i) => {
    const fault = resultFault(result);
    if (fault !== null) refuse(`results[${i}].${fault}`);
    const wanted = plan.tests[i]!;
    if (!isSameTest(result, wanted) || result.keyId !== wanted.keyId)
      refuse("wanted the plan's tests in their order, got others");
  });
}

/** Whether all that the plan promised of a test ran. */
function checkWhole(plan: AuditPlan, { mode, controls, wrongKeys, positions }: AuditTestResult): void {
  const count = (role: string): number => controls.filter((control) => control.role === role).length;
  const given = { cleanStudents: count("clean student"), baseModels: count("base model") };
  try {
    checkPlannedControls(plan, given, `${mode} mode`);
  } catch (cause) {
    refuse((cause as Error).message);
  }
  if (mode === "open" && positions > plan.probe.tokens) {
    refuse(`wanted at most the probe's ${plan.probe.tokens} positions, got ${positions}`);
  }
  if (wrongKeys.keys !== plan.controls.wrongKeys) {
    refuse(`wanted the plan's ${plan.controls.wrongKeys} wrong keys, got ${wrongKeys.keys}`);
  }
}

/** Refuses figures that do not hang together, or do not follow from units and sums under the law where that is known. */
function checkFigures({ plan, results }: AuditReport, schemeOf: SchemeOf | undefined): void {
  const level = plan.alpha / results.length;
  const follow = results.every((result) => {
    if (!figuresHang(result) || (result.pilotUnits !== null && !hasPilot(plan, result, result.retokenised)))
      return false;
    if (schemeOf === undefined) return true;
    const scheme = schemeOf(result);
    // A law that hangs on the key is a known one, which wrong keys test.
    if (scheme === null) return testsTail(result.wrongKeys);
    return (
      figuresFollow(scheme, result, loudLevel(plan.alpha, results.length)) &&
      neededFollows(scheme, result, level) &&
      result.pilotUnits === pilotUnits(plan, result, scheme, result.retokenised)
    );
  });
  if (!follow) refuse("wanted figures that follow from the units and their sums, got others: it was changed");
}

/** Refuses corrections, verdicts and reasons that do not follow from the figures. */
function checkDecisions({ plan, results }: AuditReport): void {
  const corrected = correctTests(results.map(({ suspect }) => suspect));
  results.forEach((result, i) => {
    const again = corrected[i]!;
    const { verdict, because } = decideVerdict(result, again.correctedPValue, plan.alpha, results.length);
    if (result.verdict !== verdict || result.because !== because || !isCorrected(result, again)) {
      refuse(`wanted the verdict that follows from its figures (${verdict}), got another: it was changed`);
    }
  });
}

/**
 * Reads a report and refuses one that does not fit the plan in it, whose plan was changed, or whose verdicts do not follow from its figures.
 *
 * @param schemeOf - a test's scheme under any key with the same law; with it p-values are worked out again too, from units and sums, but for marks
 * for which it gives null.
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
  if (!isLine(report.suspect)) refuse("wanted the suspect's name, got none");
  const whole = report as AuditReport;
  checkShape(whole);
  for (const result of whole.results) checkWhole(plan, result);
  checkFigures(whole, schemeOf);
  checkDecisions(whole);
  if (canonicalJson(whole.rivals) !== canonicalJson(RIVALS)) refuse("wanted its rival explanations, got others");
  return whole;
}
