import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { type Command, Option } from "commander";
import { distillRuns } from "../distill/distill-config.ts";
import { formatDistill } from "../distill/distill-report.ts";
import { type RemovalName, removalNames } from "../distill/removal.ts";
import { runDistill } from "../distill/run-distill.ts";
import { chooseNamed } from "./choose-named.ts";
import { progressLine } from "./progress-line.ts";

interface DistillFlags {
  readonly quick: boolean;
  readonly full: boolean;
  readonly schemes?: string;
  readonly removal?: readonly RemovalName[];
  readonly work?: string;
  readonly out?: string;
}

/** `tokenmark-bench distill`. */
export function addDistillCommand(program: Command): void {
  program
    .command("distill")
    .description("trains students on marked answers and audits them; a killed run goes on where it was")
    .option("--quick", "a quarter of an hour on two cores (the default)", false)
    .option("--full", "more schemes, shares, sizes, rounds and seeds: hours", false)
    .option("--schemes <labels>", "only these of the run's schemes, with commas between")
    .addOption(
      new Option(
        "--removal <name...>",
        "what the copier tries, too (default: none with --quick, all with --full)",
      ).choices([...removalNames]),
    )
    .option("--work <folder>", "where texts, students and figures are kept (default: out/distill/<run>)")
    .option("--out <folder>", "where the report goes (default: benchmarks/results/<date>)")
    .action(async (flags: DistillFlags) => {
      if (flags.quick && flags.full) {
        throw new TokenmarkError("bad-argument", "--quick: wanted one run, got --full beside it");
      }
      const run = distillRuns[flags.full ? "full" : "quick"];
      const results = await runDistill(
        {
          ...run,
          schemes: chooseNamed("--schemes", flags.schemes, run.schemes, ({ label }) => label),
          removals: flags.removal ?? run.removals,
        },
        {
          workFolder: flags.work ?? join("out/distill", run.name),
          onProgress: progressLine(process.stderr),
          onNote: (note) => console.error(`note: ${note}`),
        },
      );
      const folder = flags.out ?? join("benchmarks/results", results.date);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "distill.json"), `${JSON.stringify(results)}\n`);
      writeFileSync(join(folder, "distill.md"), formatDistill(results));
      console.log(`${formatDistill(results)}\n${folder}/distill.md`);
    });
}
