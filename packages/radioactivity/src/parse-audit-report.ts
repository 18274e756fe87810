import { TokenmarkError } from "@tokenmark/core";
import { parseAuditPlan } from "./audit-plan.ts";
import type { AuditReport } from "./audit-report.ts";

/**
 * Reads a report and refuses one that does not fit the plan in it, or whose plan was changed.
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
  return report as AuditReport;
}
