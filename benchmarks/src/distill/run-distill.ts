import { openModel } from "../models/open-model.ts";
import { readHumanText } from "../survival/human-text.ts";
import { reasonOf } from "../survival/reason-of.ts";
import { type SchemeMaker, schemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { machineName, readVersions } from "../survival/versions.ts";
import { openWorkFolder } from "../survival/work-folder.ts";
import type { StoredText } from "../survival/written-texts.ts";
import { auditStudent, type StudentAudit } from "./audit-student.ts";
import type { Bench } from "./bench.ts";
import type { DistillConfig, StudentSpec } from "./distill-config.ts";
import type { ControlRow, DistillResults, RemovalRow, StudentRow } from "./distill-results.ts";
import { openStudent } from "./open-student.ts";
import { runRemovals } from "./run-removals.ts";
import { studentFolder } from "./student-folder.ts";
import { askTeacher, makePrompts, mixAnswers } from "./training-set.ts";

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

type Answers = readonly StoredText[];

/** The teacher's answers to a seed's prompts, by scheme label and for "unmarked". */
async function answersOf(
  bench: Bench,
  seed: string,
  makers: readonly SchemeMaker[],
): Promise<ReadonlyMap<string, Answers>> {
  const { config, teacher, work, about, forPrompts, step } = bench;
  const count = Math.max(...config.answers);
  const settings = { temperature: config.temperature, tokens: config.answerTokens, seed };
  const prompts = await work.keep(["prompts", seed], { ...about, count, seed }, () =>
    makePrompts(teacher, forPrompts, count, seed),
  );
  const answers = new Map<string, Answers>();
  for (const maker of [null, ...makers]) {
    const label = maker?.label ?? "unmarked";
    const dependsOn = { ...about, settings, prompts: sha256(JSON.stringify(prompts)), scheme: maker?.config ?? null };
    answers.set(
      label,
      await work.keep(["answers", `${label} ${seed}`], dependsOn, () =>
        askTeacher(teacher, maker, `${seed}/teacher`, prompts, settings),
      ),
    );
    step(`answers ${label}`);
  }
  return answers;
}

/** The base model of a shape: it read the teacher's unmarked answers to other prompts. */
async function baseFolder(bench: Bench, spec: StudentSpec): Promise<string | null> {
  const { config, teacher, work, about, forPrompts } = bench;
  if (spec.start === "scratch") return null;
  const seed = "base";
  const settings = { temperature: config.temperature, tokens: config.answerTokens, seed };
  const rows = await work.keep(["answers", "base"], { ...about, settings, count: config.baseAnswers }, async () =>
    askTeacher(teacher, null, "", await makePrompts(teacher, forPrompts, config.baseAnswers, seed), settings),
  );
  return studentFolder(bench, { ...spec, start: "scratch" }, rows, seed, null);
}

/** One student of a scheme and seed, and those that are trained on its answers. */
interface Lineage {
  readonly maker: SchemeMaker;
  readonly seed: string;
  readonly spec: StudentSpec;
  readonly share: number;
  readonly marked: Answers;
  readonly unmarked: Answers;
}

/** Students of one scheme and seed over shares, sizes and rounds. */
async function studentsOf(
  bench: Bench,
  maker: SchemeMaker,
  seed: string,
  answers: ReadonlyMap<string, Answers>,
): Promise<StudentRow[]> {
  const { config } = bench;
  const rows: StudentRow[] = [];
  for (const spec of config.students) {
    for (const count of config.answers) {
      const marked = answers.get(maker.label)!.slice(0, count);
      const unmarked = answers.get("unmarked")!.slice(0, count);
      for (const share of config.shares) {
        rows.push(...(await roundsOf(bench, { maker, seed, spec, share, marked, unmarked })));
      }
    }
  }
  return rows;
}

/** A student and, where all its answers were marked, the rounds behind it. A round that fails ends them: there is nothing to go on from. */
async function roundsOf(bench: Bench, lineage: Lineage): Promise<StudentRow[]> {
  const { config, step, failed } = bench;
  const { maker, seed, spec, share, marked, unmarked } = lineage;
  const count = marked.length;
  const set = mixAnswers(marked, unmarked, share, `${seed}/${count}`);
  // The auditor probes with what this account was sent; a student that was sent nothing marked, with all of it.
  const transcripts = share === 0 ? marked : set.marked.map((i) => marked[i]!);
  const rounds = share === 1 ? config.rounds : 1;
  const rows: StudentRow[] = [];
  let training: Answers = set.rows;
  const name = (round: number): string =>
    `${maker.label}, share ${share}, ${count} answers, ${spec.label}, round ${round}, seed ${seed}`;
  for (let round = 1; round <= rounds; round++) {
    const what = name(round);
    try {
      const folder = await studentFolder(bench, spec, training, `${seed}/student`, await baseFolder(bench, spec));
      const audit = await auditOf(bench, lineage, folder, transcripts, what);
      rows.push({ label: maker.label, share, answers: count, student: spec.label, seed, round, ...audit });
      if (round < rounds) training = await answersOfStudent(bench, folder, marked, `${seed}/${what}`);
    } catch (error) {
      for (let lost = round; lost <= rounds; lost++) {
        failed.push({ what: name(lost), reason: lost === round ? reasonOf(error) : `round ${round} failed` });
        step(name(lost));
      }
      return rows;
    }
    step(what);
  }
  return rows;
}

function auditOf(
  { config, teacher, work, about, heldOut }: Bench,
  { maker, seed }: Lineage,
  folder: string,
  transcripts: Answers,
  what: string,
): Promise<StudentAudit> {
  const { wrongKeys, closedAnswers, answerTokens } = config;
  const dependsOn = {
    ...about,
    folder: folder.slice(-24),
    scheme: maker.config,
    transcripts: sha256(JSON.stringify(transcripts)),
    wrongKeys,
    closed: closedAnswers,
  };
  return work.keep(["audits", what], dependsOn, () =>
    auditStudent({
      folder,
      teacher,
      maker,
      keyName: `${seed}/teacher`,
      transcripts,
      closedAnswers,
      answerTokens,
      wrongKeys,
      heldOut,
      seed: `${seed}/${what}`,
    }),
  );
}

/** The next round's training set: the student's own answers to the same prompts. */
function answersOfStudent(bench: Bench, folder: string, asked: Answers, seed: string): Promise<Answers> {
  const { config, work, about } = bench;
  return work.keep(["answers", `round ${seed}`], { ...about, folder: folder.slice(-24), seed }, async () => {
    const student = await openStudent(folder);
    try {
      return await askTeacher(
        student,
        null,
        "",
        asked.map(({ prompt }) => prompt),
        { temperature: config.temperature, tokens: config.answerTokens, seed },
      );
    } finally {
      await student.dispose();
    }
  });
}

/** Clean students, each from its own seed and sample of unmarked answers, each audited under its own key on transcripts marked with that key. */
async function controlsOf(bench: Bench, maker: SchemeMaker, unmarked: Answers): Promise<ControlRow[]> {
  const { config, teacher, work, about, heldOut, step, failed } = bench;
  const spec = config.students[0]!;
  const rows: ControlRow[] = [];
  for (let control = 0; control < config.cleanControls; control++) {
    const seed = `control/${control}`;
    const what = `clean control ${control}, ${maker.label}`;
    try {
      // Half of the pool each, drawn anew: a sample of its own.
      const sample = mixAnswers(unmarked, unmarked, 0.5, seed).marked.map((i) => unmarked[i]!);
      const folder = await studentFolder(bench, spec, sample, seed, await baseFolder(bench, spec));
      const settings = { temperature: config.temperature, tokens: config.answerTokens, seed };
      const prompts = unmarked.slice(0, config.controlTranscripts).map(({ prompt }) => prompt);
      const keyName = `${seed}/teacher`;
      const audit = await work.keep<ControlRow>(
        ["controls", what],
        {
          ...about,
          folder: folder.slice(-24),
          scheme: maker.config,
          settings,
          prompts: sha256(JSON.stringify(prompts)),
        },
        async () => {
          const transcripts = await askTeacher(teacher, maker, keyName, prompts, settings);
          const { modes } = await auditStudent({
            folder,
            teacher,
            maker,
            keyName,
            transcripts,
            closedAnswers: 0,
            answerTokens: config.answerTokens,
            wrongKeys: 0,
            heldOut: heldOut.slice(0, 2000),
            seed,
          });
          const { tokensScored, pValue, log10PValue } = modes[0]!;
          return { label: maker.label, student: spec.label, control, tokensScored, pValue, log10PValue };
        },
      );
      rows.push(audit);
    } catch (error) {
      failed.push({ what, reason: reasonOf(error) });
    }
    step(what);
  }
  return rows;
}

function stepsOf({
  schemes,
  seeds,
  students,
  answers,
  shares,
  rounds,
  removals,
  cleanControls,
}: DistillConfig): number {
  const perSize = shares.length + (shares.includes(1) ? rounds - 1 : 0);
  return (
    seeds.length * (1 + schemes.length * (1 + removals.length + students.length * answers.length * perSize)) +
    schemes.length * cleanControls
  );
}

/** Runs prompt generation, teacher answers, student training and audits; every value and every student is kept as it is made. */
export async function runDistill(config: DistillConfig, options: DistillOptions): Promise<DistillResults> {
  const { workFolder, onProgress, onNote } = options;
  const teacher = await openModel({ kind: "shipped" });
  const versions = readVersions();
  const total = stepsOf(config);
  let done = 0;
  try {
    const bench: Bench = {
      config,
      teacher,
      work: openWorkFolder(workFolder, (file) => onNote?.(`${file} is damaged or half-written and is made again`)),
      folder: workFolder,
      about: { teacher: teacher.identity.sha256, versions },
      ...splitHumanText(),
      step: (what) => onProgress?.({ what, done: ++done, total }),
      failed: [],
    };
    const students: StudentRow[] = [];
    const controls: ControlRow[] = [];
    const removals: RemovalRow[] = [];
    for (const seed of config.seeds) {
      const makers = config.schemes.map(({ label, config: scheme }) => schemeMaker(label, scheme, seed));
      const answers = await answersOf(bench, seed, makers);
      for (const maker of makers) students.push(...(await studentsOf(bench, maker, seed, answers)));
      for (const maker of makers) removals.push(...(await runRemovals(bench, maker, seed, answers)));
      if (seed !== config.seeds[0]) continue;
      for (const maker of makers) controls.push(...(await controlsOf(bench, maker, answers.get("unmarked")!)));
    }
    const { answerTokens, temperature, seeds, controlTranscripts, wrongKeys } = config;
    return {
      benchmark: "distill",
      format: 1,
      run: config.name,
      date: new Date().toISOString().slice(0, 10),
      versions,
      machine: machineName(),
      teacher: { name: teacher.name, tokenizerSha256: teacher.identity.sha256 },
      settings: { answerTokens, temperature, seeds, controlTranscripts, wrongKeys },
      schemes: config.schemes,
      students,
      removals,
      controls,
      failed: bench.failed,
    };
  } finally {
    await teacher.dispose();
  }
}
