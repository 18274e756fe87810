import { TokenmarkError } from "@tokenmark/core";
import { type PlannedTest, parseAuditPlan } from "./audit-plan.ts";
import type { AuditReport } from "./audit-report.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type CorrectedTest, correctTests } from "./correct-tests.ts";
import { type Decision, decideVerdict } from "./decide-verdict.ts";

function refuse(what: string): never {
  throw new TokenmarkError("bad-config", `report: ${what}; run the plan again to know`);
}

/** What follows from the figures is worked out again: test, correction and verdict. The figures themselves only a run can give. */
function checkDecisions({ plan, results }: AuditReport): void {
  const isTest = ({ scheme, keyId, mode }: PlannedTest, i: number): boolean =>
    canonicalJson({ scheme, keyId, mode }) ===
    canonicalJson({ scheme: plan.tests[i]!.scheme, keyId: plan.tests[i]!.keyId, mode: plan.tests[i]!.mode });
  if (!results.every(isTest)) refuse("wanted the plan's tests in their order, got others");
  let corrected: readonly CorrectedTest[];
  let decided: readonly Decision[];
  try {
    corrected = correctTests(results.map(({ suspect }) => suspect));
    decided = results.map((result, i) =>
      decideVerdict(result, corrected[i]!.correctedPValue, plan.alpha, results.length),
    );
  } catch {
    refuse("wanted whole results, got some with figures missing");
  }
  results.forEach(({ verdict, correctedLog10PValue }, i) => {
    if (verdict !== decided[i]!.verdict || correctedLog10PValue !== corrected[i]!.correctedLog10PValue) {
      refuse(`wanted the verdict that follows from its figures (${decided[i]!.verdict}), got another: it was changed`);
    }
  });
}

/**
 * Reads a report and refuses one that does not fit the plan in it, whose plan was changed, or whose verdicts do not follow from its figures.
 *
 * @throws TokenmarkError `bad-config`.
 */
export function parseAuditReport(value: unknown): AuditReport {
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
  const whole = report as AuditReport;
  checkDecisions(whole);
  return whole;
}
