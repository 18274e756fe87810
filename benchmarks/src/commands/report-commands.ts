import { dirname } from "node:path";
import type { Command } from "commander";
import { compareResults } from "../report/compare-results.ts";
import { formatComparison } from "../report/comparison-text.ts";
import { writeReport } from "../report/write-report.ts";
import { readResults } from "./read-results.ts";

/** `tokenmark-bench report` and `tokenmark-bench compare`: from results alone, without a model. */
export function addReportCommands(program: Command): void {
  program
    .command("report")
    .description("makes the report of a results.json again")
    .argument("<results>", "results.json of a survival run")
    .option("--out <folder>", "where it goes (default: beside the file)")
    .action(async (file: string, { out }: { out?: string }) => {
      const folder = out ?? dirname(file);
      await writeReport(readResults(file), folder);
      console.log(`${folder}/report.html`);
    });
  program
    .command("compare")
    .description("differences between two survival runs, with intervals")
    .argument("<a>", "results.json of one run")
    .argument("<b>", "results.json of another")
    .action((a: string, b: string) => {
      console.log(formatComparison(compareResults(readResults(a), readResults(b))));
    });
}
