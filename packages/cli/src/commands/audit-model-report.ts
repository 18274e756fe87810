import { TokenmarkError } from "@tokenmark/core";
import { type AuditReport, formatAuditReport, parseAuditPlan } from "@tokenmark/radioactivity";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { exitStatus } from "../exit-status.ts";
import { readJson } from "../read-input.ts";
import { writeStdout } from "../write-output.ts";

const HELP = `
Example:
  tokenmark audit-model report r.json
`;

/** `tokenmark audit-model report`. */
export function auditModelReportCommand({ signal, end }: CommandContext): Command {
  return new Command("report")
    .description("print a report, if it still fits its plan")
    .argument("<report>", "what run wrote with --out")
    .addHelpText("after", HELP)
    .action(async (path: string) => {
      const report = (await readJson(path, "report", signal)) as Partial<AuditReport> | null;
      if (report?.format !== "tokenmark-audit-report/1") {
        throw new TokenmarkError("bad-config", `report ${path}: wanted a report of audit-model, got something else`);
      }
      const plan = parseAuditPlan(report.plan);
      if (plan.digest !== report.planDigest) {
        throw new TokenmarkError("bad-config", `report ${path}: wanted the plan that it was made with, got another`);
      }
      await writeStdout(formatAuditReport(report as AuditReport));
      if ((report as AuditReport).results.some(({ verdict }) => verdict === "trained-on-marked")) end(exitStatus.found);
    });
}
