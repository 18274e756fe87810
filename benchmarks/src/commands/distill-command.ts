import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { type DatasetShape, datasetShapes } from "@tokenmark/radioactivity";
import { type Command, Option } from "commander";
import { type DistillConfig, UNMARKED } from "../distill/distill-config.ts";
import { formatDistill } from "../distill/distill-report.ts";
import type { DistillResults } from "../distill/distill-results.ts";
import { type DistillRunName, distillRunNames, distillRuns, fullRuns } from "../distill/distill-runs.ts";
import { type RemovalName, removalNames } from "../distill/removal.ts";
import { runDistill } from "../distill/run-distill.ts";
import { writeWhole } from "../survival/write-whole.ts";
import { chooseNamed } from "./choose-named.ts";
import { chooseOne } from "./choose-one.ts";
import { progressLine } from "./progress-line.ts";
import { readJsonFile } from "./read-json-file.ts";

interface DistillFlags {
  readonly quick: boolean;
  readonly full: boolean;
  readonly run?: DistillRunName;
  readonly config?: string;
  readonly schemes?: string;
  readonly removal?: readonly RemovalName[];
  readonly seeds?: readonly string[];
  readonly dataset?: readonly string[];
  readonly datasetShape?: DatasetShape;
  readonly work?: string;
  readonly out?: string;
}

/** Names of the runs that are asked for, in their order. */
function runsOf({ quick, full, run }: DistillFlags): readonly DistillRunName[] {
  const asked = chooseOne<DistillRunName | "full">("--quick, --full, --run: wanted one of them", [
    quick && "quick",
    full && "full",
    run,
  ]);
  return asked === "full" ? fullRuns : [asked ?? "quick"];
}

/** Files by label, of `label=file`; both may hold "=" themselves ("kgw h=1"). */
function datasetsOf(given: readonly string[], { schemes }: DistillConfig): DistillConfig["datasets"] {
  const labels = [UNMARKED, ...schemes.map(({ label }) => label)];
  const datasets = new Map<string, string>();
  for (const pair of given) {
    const label = labels.find((one) => pair.startsWith(`${one}=`) && pair.length > one.length + 1);
    if (label === undefined) {
      throw new TokenmarkError(
        "bad-argument",
        `--dataset: wanted label=file with a label among ${labels.join(", ")}, got ${pair}`,
      );
    }
    if (datasets.has(label)) {
      throw new TokenmarkError("bad-argument", `--dataset: wanted each label once, got ${label} twice`);
    }
    datasets.set(label, pair.slice(label.length + 1));
  }
  return Object.fromEntries(datasets);
}

function configOf(name: DistillRunName, flags: DistillFlags): DistillConfig {
  const given = flags.config === undefined ? {} : readJsonFile("config", flags.config);
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TokenmarkError("bad-config", `config: wanted an object, got something else in ${flags.config}`);
  }
  // Its shape is checked where it is run.
  const config: DistillConfig = { ...distillRuns[name], ...given };
  return {
    ...config,
    schemes: chooseNamed("--schemes", flags.schemes, config.schemes, ({ label }) => label),
    removals: flags.removal ?? config.removals,
    seeds: flags.seeds ?? config.seeds,
    datasets: { ...config.datasets, ...datasetsOf(flags.dataset ?? [], config) },
    datasetShape: flags.datasetShape ?? config.datasetShape,
  };
}

/** Refuses what would make all of the full run's parts alike. */
function checkFull({ full, config, schemes, removal, seeds, dataset }: DistillFlags): void {
  const given = Object.entries({ config, schemes, removal, seeds, dataset }).find(([, value]) => value !== undefined);
  if (!full || given === undefined) return;
  throw new TokenmarkError("bad-argument", `--${given[0]}: wanted --run beside it, got --full, which is several runs`);
}

/** Makes a folder first: that it cannot be made should not be found after hours. */
function makeFolder(option: "--out" | "--work", folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new TokenmarkError("io", `${option}: wanted a folder that can be made, got ${folder}`, { cause });
  }
}

function save(results: DistillResults, folder: string): void {
  writeWhole(join(folder, `distill-${results.run}.json`), `${JSON.stringify(results)}\n`);
  writeWhole(join(folder, `distill-${results.run}.md`), formatDistill(results));
}

/** Rows that hold a figure. */
const measured = ({ students, removals, defences, tracing, controls }: DistillResults): number =>
  students.length + removals.length + defences.length + tracing.length + controls.length;

/** `tokenmark-bench distill`. */
export function addDistillCommand(program: Command): void {
  program
    .command("distill")
    .description("trains students on marked answers and audits them; a killed run goes on where it was")
    .option("--quick", "8 to 14 minutes on two cores (the default)", false)
    .option("--full", `all other runs, one after the other (${fullRuns.join(", ")}): hours`, false)
    .addOption(new Option("--run <name>", "one part of it").choices([...distillRunNames]))
    .option("--config <file>", "JSON with fields that differ from that run's")
    .option("--schemes <labels>", "only these of the run's schemes, with commas between")
    .addOption(new Option("--removal <name...>", "what the copier tries, too").choices([...removalNames]))
    .option("--seeds <seed...>", "other seeds than the run's")
    .option("--dataset <label=file...>", 'answers from elsewhere, JSONL, for a scheme\'s label or "unmarked"')
    .addOption(new Option("--dataset-shape <name>", "how the run writes its datasets").choices([...datasetShapes]))
    .option(
      "--work <folder>",
      "where texts, students and figures are kept (default: out/distill/<run>; with --full the folder of those)",
    )
    .option("--out <folder>", "where the report goes (default: benchmarks/results/<date>)")
    .action(async (flags: DistillFlags) => {
      checkFull(flags);
      const runs = runsOf(flags);
      if (flags.out !== undefined) makeFolder("--out", flags.out);
      if (flags.work !== undefined) makeFolder("--work", flags.work);
      for (const [i, config] of runs.map((name) => configOf(name, flags)).entries()) {
        if (runs.length > 1) console.error(`run ${i + 1} of ${runs.length}: ${config.name}`);
        const results = await runDistill(config, {
          workFolder:
            flags.work === undefined || flags.full ? join(flags.work ?? "out/distill", config.name) : flags.work,
          onProgress: progressLine(process.stderr),
          onNote: (note) => console.error(`note: ${note}`),
        });
        const folder = flags.out ?? join("benchmarks/results", results.date);
        save(results, folder);
        if (measured(results) === 0) process.exitCode = 2;
        console.log(`${formatDistill(results)}\n${folder}/distill-${results.run}.md`);
      }
    });
  program
    .command("distill-report")
    .description("makes the report of a distillation run again, from its JSON alone")
    .argument("<results>", "distill-<run>.json")
    .option("--out <folder>", "where it goes (default: printed)")
    .action((file: string, { out }: { out?: string }) => {
      const results = readJsonFile("results", file) as DistillResults | null;
      const lists = [results?.students, results?.removals, results?.controls, results?.failed];
      if (results?.benchmark !== "distill" || results.format !== 1 || !lists.every(Array.isArray)) {
        throw new TokenmarkError("bad-config", `results: wanted a distill-<run>.json of this benchmark, got ${file}`);
      }
      if (out === undefined) console.log(formatDistill(results));
      else save(results, out);
    });
}
