import { basename } from "node:path";
import { reasonOf } from "../survival/reason-of.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { auditStudent, type StudentAudit } from "./audit-student.ts";
import { type Answers, type Bench, samplingOf } from "./bench.ts";
import { type StudentSpec, UNMARKED } from "./distill-config.ts";
import type { StudentRow } from "./distill-results.ts";
import { openStudent } from "./open-student.ts";
import { studentFolder } from "./student-folder.ts";
import { baseFolder } from "./teacher-answers.ts";
import { askTeacher, mixAnswers } from "./training-set.ts";

/** One student of a scheme and seed, and those that are trained on its answers. */
interface Lineage {
  readonly maker: SchemeMaker;
  readonly seed: string;
  readonly temperature: number;
  readonly spec: StudentSpec;
  readonly share: number;
  readonly marked: Answers;
  readonly unmarked: Answers;
}

/** Students of one scheme and seed over shares, sizes and rounds. */
export async function runStudents(
  bench: Bench,
  maker: SchemeMaker,
  seed: string,
  temperature: number,
  answers: ReadonlyMap<string, Answers>,
): Promise<StudentRow[]> {
  const { config } = bench;
  const rows: StudentRow[] = [];
  for (const spec of config.students) {
    for (const count of config.answers) {
      const marked = answers.get(maker.label)!.slice(0, count);
      const unmarked = answers.get(UNMARKED)!.slice(0, count);
      for (const share of config.shares) {
        rows.push(...(await roundsOf(bench, { maker, seed, temperature, spec, share, marked, unmarked })));
      }
    }
  }
  return rows;
}

/**
 * A student and, where all its answers were marked, the rounds behind it: what it wrote itself makes the next prompts, the teacher answers them under
 * the same key, and the student reads on. A round that fails ends them: there is nothing to go on from.
 */
async function roundsOf(bench: Bench, lineage: Lineage): Promise<StudentRow[]> {
  const { config, step, failed } = bench;
  const { maker, seed, temperature, spec, share, marked, unmarked } = lineage;
  const count = marked.length;
  const set = mixAnswers(marked, unmarked, share, `${seed}/${count}`);
  // The auditor probes with what this account was sent; a student that was sent nothing marked, with all of it.
  let transcripts = share === 0 ? marked : set.marked.map((i) => marked[i]!);
  let training: Answers = set.rows;
  let folder: string | null = null;
  const rounds = share === 1 ? config.rounds : 1;
  const rows: StudentRow[] = [];
  const name = (round: number): string =>
    `${maker.label}, temperature ${temperature}, share ${share}, ${count} answers, ${spec.label}, round ${round}, seed ${seed}`;
  for (let round = 1; round <= rounds; round++) {
    const what = name(round);
    try {
      folder = await studentFolder(bench, spec, training, `${seed}/student`, folder ?? (await baseFolder(bench, spec)));
      const audit = await auditOf(bench, lineage, folder, transcripts, what);
      rows.push({
        label: maker.label,
        temperature,
        share,
        answers: count,
        student: spec.label,
        seed,
        round,
        folder: basename(folder),
        ...audit,
      });
      if (round < rounds) {
        training = await nextAnswers(bench, lineage, folder, training, what);
        transcripts = [...transcripts, ...training];
      }
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
  const { wrongKeys, closedAnswers, closedTemperature, answerTokens } = config;
  const dependsOn = {
    ...about,
    folder: folder.slice(-24),
    scheme: maker.config,
    transcripts: sha256(JSON.stringify(transcripts)),
    wrongKeys,
    closed: closedAnswers,
    closedTemperature,
    answerTokens,
  };
  return work.keep(["audits", what], dependsOn, () =>
    auditStudent({
      folder,
      teacher,
      maker,
      keyName: `${seed}/teacher`,
      transcripts,
      closed:
        closedAnswers === 0 ? null : { answers: closedAnswers, tokens: answerTokens, temperature: closedTemperature },
      wrongKeys,
      heldOut,
      seed: `${seed}/${what}`,
    }),
  );
}

const PROMPT_TOKENS = 12;

/** The next round's training set: the teacher's marked answers to what the student wrote behind the last prompts. */
async function nextAnswers(
  bench: Bench,
  { maker, seed, temperature }: Lineage,
  folder: string,
  asked: Answers,
  what: string,
): Promise<Answers> {
  const { teacher, work, about } = bench;
  const settings = samplingOf(bench, `${seed}/${what}`, temperature);
  const dependsOn = { ...about, folder: folder.slice(-24), settings, scheme: maker.config };
  return work.keep(["answers", `after ${what}`], dependsOn, async () => {
    const student = await openStudent(folder);
    try {
      const openings = await askTeacher(
        student,
        null,
        "",
        asked.map(({ prompt }) => prompt),
        { ...settings, tokens: PROMPT_TOKENS },
      );
      const prompts = openings.map(({ tokens }) => student.tokenizer.decode(tokens).trim());
      const distinct = [...new Set(prompts.filter((prompt) => prompt !== ""))];
      return await askTeacher(teacher, maker, `${seed}/teacher`, distinct, settings);
    } finally {
      await student.dispose();
    }
  });
}
