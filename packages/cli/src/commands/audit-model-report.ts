import { formatAuditReport } from "@tokenmark/radioactivity";
import { Command } from "commander";
import { readReport } from "../audit/read-report.ts";
import type { CommandContext } from "../command-context.ts";
import { exitStatus } from "../exit-status.ts";
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
      const report = await readReport(path, signal);
      await writeStdout(formatAuditReport(report));
      if (report.results.some(({ verdict }) => verdict === "trained-on-marked")) end(exitStatus.found);
    });
}
