import { existsSync } from "node:fs";
import { join } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { type Command, Option } from "commander";
import type { Attack, Paraphraser } from "../attacks/attack.ts";
import { modelAttacks } from "../attacks/model-attacks.ts";
import { endpointParaphraser } from "../attacks/paraphrasers/endpoint-paraphraser.ts";
import { localParaphraser } from "../attacks/paraphrasers/local-paraphraser.ts";
import { textAttacks } from "../attacks/text-attacks.ts";
import type { ModelSpec } from "../models/open-model.ts";
import { writeReport } from "../report/write-report.ts";
import type { SurvivalResults } from "../survival/results.ts";
import { runSurvival } from "../survival/run-survival.ts";
import { type SuiteName, suiteNames, suites } from "../survival/suites.ts";
import type { SurvivalConfig } from "../survival/survival-config.ts";
import { writeWhole } from "../survival/write-whole.ts";
import { chooseNamed } from "./choose-named.ts";
import { chooseOne } from "./choose-one.ts";
import { formatSeconds, progressLine } from "./progress-line.ts";
import { readConfig } from "./read-config.ts";
import { readResults } from "./read-results.ts";

/** Every attack there is. */
export const allAttacks: readonly Attack[] = [...textAttacks, ...modelAttacks];

interface SurvivalFlags {
  readonly quick: boolean;
  readonly full: boolean;
  readonly suite?: SuiteName;
  readonly config?: string;
  readonly model?: readonly string[];
  readonly dtype?: string;
  readonly judge?: string;
  readonly prompts?: string;
  readonly schemes?: string;
  readonly attacks?: string;
  readonly paraphraser?: string;
  readonly paraphraserUrl?: string;
  readonly paraphraserModel?: string;
  readonly work?: string;
  readonly out?: string;
  readonly results: string;
}

async function configOf(flags: SurvivalFlags): Promise<SurvivalConfig> {
  const asked = chooseOne<SuiteName>("--quick, --full, --suite: wanted one suite", [
    flags.quick && "quick",
    flags.full && "full",
    flags.suite,
  ]);
  if (flags.config !== undefined && asked !== undefined) {
    throw new TokenmarkError("bad-argument", `--config: wanted no suite's name beside it, got ${asked}`);
  }
  const suite = flags.config === undefined ? suites[asked ?? "standard"] : await readConfig(flags.config);
  // Whoever names a paraphraser wants it at work.
  const named = flags.paraphraser !== undefined || flags.paraphraserUrl !== undefined;
  const lacks = !suite.attacks.some(({ attack }) => attack === "paraphrase");
  const base: SurvivalConfig =
    named && lacks ? { ...suite, attacks: [...suite.attacks, { attack: "paraphrase", strengths: [0.5, 1] }] } : suite;
  const dtype = flags.dtype === undefined ? {} : { dtype: flags.dtype };
  const folderOrId = (model: string): ModelSpec => ({ kind: "transformers", model, ...dtype });
  const schemes = chooseNamed("--schemes", flags.schemes, base.schemes, ({ label }) => label);
  const kept = (wanted: string): boolean => schemes.some(({ label }) => label === wanted);
  return {
    ...base,
    schemes,
    attacks: chooseNamed("--attacks", flags.attacks, base.attacks, ({ attack }) => attack),
    ...(flags.model === undefined ? {} : { models: flags.model.map(folderOrId) }),
    ...(flags.judge === undefined ? {} : { judge: flags.judge === "none" ? null : folderOrId(flags.judge) }),
    ...(flags.prompts === undefined ? {} : { prompts: flags.prompts }),
    adversaries: { ...base.adversaries, schemes: base.adversaries.schemes.filter(kept) },
    distribution: { ...base.distribution, biased: base.distribution.biased.filter(kept) },
  };
}

async function paraphraserOf(flags: SurvivalFlags): Promise<Paraphraser | null> {
  if (flags.paraphraserUrl !== undefined) {
    const apiKey = process.env.TOKENMARK_API_KEY;
    return endpointParaphraser({
      baseURL: flags.paraphraserUrl,
      ...(flags.paraphraserModel === undefined ? {} : { model: flags.paraphraserModel }),
      ...(apiKey ? { apiKey } : {}),
    });
  }
  return flags.paraphraser === undefined ? null : localParaphraser(flags.paraphraser);
}

/** `tokenmark-bench survival`, which is also what runs without a command. */
export function addSurvivalCommand(program: Command): void {
  program
    .command("survival", { isDefault: true })
    .description("what the mark survives: attacks, quality, adversaries; a killed run goes on where it was")
    .option("--quick", "under ten minutes on two cores", false)
    .option("--full", "every scheme, length and seed: a day", false)
    .addOption(new Option("--suite <name>", "a suite by its name (default: standard)").choices([...suiteNames]))
    .option("--config <file>", "a suite of your own: JSON, or a module with a default export")
    .option("--model <model...>", "model folders in the transformers.js layout, or hub ids")
    .option("--dtype <dtype>", "weights file of those models: fp32, fp16 or q8")
    .option("--judge <model>", 'the second model, for perplexity; "none" for none')
    .option("--prompts <file>", 'JSONL with a field "prompt" a line')
    .option("--schemes <labels>", "only these of the suite's schemes, with commas between")
    .option("--attacks <names>", "only these of the suite's attacks, with commas between")
    .option("--paraphraser <model>", "a text2text or instruction model that rewrites texts: folder or hub id")
    .option(
      "--paraphraser-url <address>",
      "an OpenAI-shaped endpoint that rewrites texts; its key in TOKENMARK_API_KEY",
    )
    .option("--paraphraser-model <name>", "which of the endpoint's models")
    .option("--work <folder>", "where values are kept as they are computed (default: out/survival/<suite>)")
    .option("--out <folder>", "where the report goes (default: <results>/<date>; <date>-<suite> where another's is)")
    .option("--results <folder>", "where reports lie by date", "benchmarks/results")
    .action(async (flags: SurvivalFlags) => {
      const start = Date.now();
      const config = await configOf(flags);
      const results = await runSurvival(config, {
        workFolder: flags.work ?? join("out/survival", config.name),
        attacks: allAttacks,
        paraphraser: await paraphraserOf(flags),
        onProgress: progressLine(process.stderr),
        onNote: (note) => console.error(`note: ${note}`),
      });
      const folder = flags.out ?? reportFolder(flags.results, results);
      await saveResults(results, folder);
      // Whoever runs this in a pipeline should not take a report of nothing for one.
      if (results.cells.every(({ status }) => status !== "measured")) process.exitCode = 2;
      console.log(`${summary(results)}\n${folder}/report.html  (${formatSeconds((Date.now() - start) / 1000)})`);
    });
}

/** What makes two runs the same suite: their cells may be compared one by one. */
function sameSuite(a: SurvivalResults, b: SurvivalResults): boolean {
  const identity = ({ suite, settings, models, schemes, attacks }: SurvivalResults): string =>
    JSON.stringify([
      suite,
      settings,
      models.map(({ name }) => name),
      schemes.map(({ label, config }) => [label, config]),
      attacks.map(({ name }) => name),
    ]);
  return identity(a) === identity(b);
}

/** The date's folder; where another suite's results are there, one beside it. Half-written results are nobody's. */
function reportFolder(under: string, results: SurvivalResults): string {
  const { date, suite } = results;
  const isFree = (folder: string): boolean => {
    const file = join(folder, "results.json");
    if (!existsSync(file)) return true;
    try {
      return sameSuite(readResults(file), results);
    } catch {
      return true;
    }
  };
  const names = [date, `${date}-${suite}`];
  for (let i = 2; ; i++) {
    const free = names.map((name) => join(under, name)).find(isFree);
    if (free !== undefined) return free;
    names.push(`${date}-${suite}-${i}`);
  }
}

/** Writes results.json and the report that is made from it. */
export async function saveResults(results: SurvivalResults, folder: string): Promise<void> {
  writeWhole(join(folder, "results.json"), `${JSON.stringify(results)}\n`);
  await writeReport(results, folder);
}

function summary({ cells }: SurvivalResults): string {
  const count = (status: string): number => cells.filter((cell) => cell.status === status).length;
  return `${count("measured")} cells measured, ${count("skipped")} skipped, ${count("failed")} failed`;
}
