import { basename } from "node:path";
import { openModel } from "../models/open-model.ts";
import { readHumanText } from "../survival/human-text.ts";
import { readPromptSet } from "../survival/prompt-set.ts";
import { readTextFile } from "../survival/read-text-file.ts";
import { schemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { fingerprintOf } from "../survival/suite-model.ts";
import { machineName, readVersions } from "../survival/versions.ts";
import { openWorkFolder } from "../survival/work-folder.ts";
import type { Bench } from "./bench.ts";
import { checkDistillConfig } from "./check-distill-config.ts";
import { type DistillConfig, UNMARKED } from "./distill-config.ts";
import type {
  ControlRow,
  DefenceRow,
  DistillResults,
  GivenDataset,
  RemovalRow,
  StudentRow,
  TracingRow,
} from "./distill-results.ts";
import { runControls } from "./run-controls.ts";
import { runDefences } from "./run-defences.ts";
import { runRemovals } from "./run-removals.ts";
import { runStudents } from "./run-students.ts";
import { runTracing } from "./run-tracing.ts";
import { checkDatasets, teacherAnswers } from "./teacher-answers.ts";

/** Options of {@link runDistill}. */
export interface DistillOptions {
  /** Where texts, students and figures are kept; the next run goes on from there. */
  readonly workFolder: string;
  readonly onProgress?: (progress: { readonly what: string; readonly done: number; readonly total: number }) => void;
  readonly onNote?: (note: string) => void;
}

/** Text by people: the first half gives prompts, the second measures students. */
function splitHumanText(): { readonly forPrompts: string; readonly heldOut: string } {
  const text = readHumanText();
  const middle = text.indexOf("\n\n", text.length >> 1);
  return { forPrompts: text.slice(0, middle), heldOut: text.slice(middle) };
}

/** What was asked, for whoever reads the results. */
function promptsName({ prompts, datasets }: DistillConfig): { readonly name: string; readonly sha256: string | null } {
  if (Object.keys(datasets).length > 0) return { name: "those of the datasets", sha256: null };
  if (prompts === "bundled") return { name: prompts, sha256: null };
  const { name, sha256: digest } = readPromptSet(prompts);
  return { name, sha256: digest };
}

function stepsOf(config: DistillConfig): number {
  const {
    schemes,
    seeds,
    temperatures,
    students,
    answers,
    shares,
    rounds,
    removals,
    defences,
    tracing,
    cleanControls,
  } = config;
  const perSize = shares.length + (shares.includes(1) ? rounds - 1 : 0);
  const perTemperature = 1 + schemes.length * (1 + students.length * answers.length * perSize);
  const perSeed = schemes.length * (removals.length + (tracing === null ? 0 : 1)) + defences.length;
  return seeds.length * (temperatures.length * perTemperature + perSeed) + schemes.length * cleanControls;
}

/** Runs prompt generation, teacher answers, student training and audits; every value and every student is kept as it is made. */
export async function runDistill(config: DistillConfig, options: DistillOptions): Promise<DistillResults> {
  checkDistillConfig(config);
  const { workFolder, onProgress, onNote } = options;
  const teacher = await openModel({ kind: "shipped" });
  const versions = readVersions();
  const humanText = splitHumanText();
  const datasets = Object.entries(config.datasets).map(
    ([label, file]): GivenDataset => ({ label, file: basename(file), sha256: sha256(readTextFile("datasets", file)) }),
  );
  const total = stepsOf(config);
  let done = 0;
  try {
    const bench: Bench = {
      config,
      teacher,
      work: openWorkFolder(workFolder, (file) => onNote?.(`${file} is damaged or half-written and is made again`)),
      folder: workFolder,
      about: { teacher: await fingerprintOf(teacher), humanText: sha256(JSON.stringify(humanText)), versions },
      ...humanText,
      note: (what) => onNote?.(what),
      step: (what) => onProgress?.({ what, done: ++done, total }),
      failed: [],
    };
    const students: StudentRow[] = [];
    const removals: RemovalRow[] = [];
    const defences: DefenceRow[] = [];
    const tracing: TracingRow[] = [];
    const controls: ControlRow[] = [];
    const seeds = config.seeds.map((seed) => ({
      seed,
      makers: config.schemes.map(({ label, config: scheme }) => schemeMaker(label, scheme, seed)),
    }));
    for (const { seed, makers } of seeds) checkDatasets(bench, seed, makers);
    for (const { seed, makers } of seeds) {
      for (const temperature of config.temperatures) {
        const answers = await teacherAnswers(bench, seed, makers, temperature);
        for (const maker of makers) students.push(...(await runStudents(bench, maker, seed, temperature, answers)));
        if (temperature !== config.temperatures[0]) continue;
        const unmarked = answers.get(UNMARKED)!;
        for (const maker of makers) removals.push(...(await runRemovals(bench, maker, seed, answers)));
        defences.push(...(await runDefences(bench, seed, unmarked)));
        for (const maker of makers) tracing.push(...(await runTracing(bench, maker, seed, unmarked)));
        if (seed !== config.seeds[0]) continue;
        for (const maker of makers) controls.push(...(await runControls(bench, maker, unmarked)));
      }
    }
    const { answerTokens, temperatures, controlTranscripts, wrongKeys, closedTemperature } = config;
    return {
      benchmark: "distill",
      format: 1,
      run: config.name,
      date: new Date().toISOString().slice(0, 10),
      versions,
      machine: machineName(),
      teacher: { name: teacher.name, tokenizerSha256: teacher.identity.sha256 },
      settings: {
        answerTokens,
        temperatures,
        seeds: config.seeds,
        controlTranscripts,
        wrongKeys,
        closedTemperature,
        prompts: promptsName(config),
        datasets,
        students: config.students,
      },
      schemes: config.schemes,
      students,
      removals,
      defences,
      tracing,
      controls,
      failed: bench.failed,
    };
  } finally {
    await teacher.dispose();
  }
}
