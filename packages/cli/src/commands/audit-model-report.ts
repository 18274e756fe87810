import { type AuditVerdict, formatAuditReport, formatTraceReport } from "@tokenmark/radioactivity";
import { Command } from "commander";
import { schemeOfLaw } from "../audit/plan-keys.ts";
import { readAnyReport } from "../audit/read-report.ts";
import type { CommandContext } from "../command-context.ts";
import { exitStatus } from "../exit-status.ts";
import { note, writeStdout } from "../write-output.ts";

const HELP = `
Example:
  tokenmark audit-model report r.json
`;

/** `tokenmark audit-model report`. */
export function auditModelReportCommand({ signal, end }: CommandContext): Command {
  return new Command("report")
    .description("print a report, if it still fits its plan and its verdicts follow from its figures")
    .argument("<report>", "what run or trace wrote with --out")
    .addHelpText("after", HELP)
    .action(async (path: string) => {
      const report = await readAnyReport(path, signal);
      const isTrace = report.format === "tokenmark-trace-report/1";
      const marks = isTrace ? [report.scheme] : report.plan.tests.map(({ scheme }) => scheme);
      for (const name of new Set(marks.filter((mark) => schemeOfLaw(mark) === null).map(({ scheme }) => scheme))) {
        note(`${name}: its law hangs on the key, so p-values were taken at their word, not worked out again`);
      }
      await writeStdout(isTrace ? formatTraceReport(report) : formatAuditReport(report));
      const decided: readonly { readonly verdict: AuditVerdict }[] = isTrace ? report.named : report.results;
      if (decided.some(({ verdict }) => verdict === "trained-on-marked")) end(exitStatus.found);
    });
}
