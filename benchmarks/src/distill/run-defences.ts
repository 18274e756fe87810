import { reasonOf } from "../survival/reason-of.ts";
import { type SchemeMaker, schemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { answerLosses, meanLoss } from "./answer-losses.ts";
import { type Answers, type Bench, samplingOf } from "./bench.ts";
import type { DefenceSpec } from "./distill-config.ts";
import type { DefenceRow } from "./distill-results.ts";
import { heldOutLoss } from "./losses.ts";
import { type LearntBias, learnBias, neutralised } from "./neutralise.ts";
import { openStudent } from "./open-student.ts";
import { readAlong, transcriptsOf } from "./read-along.ts";
import { testSigned } from "./signed-test.ts";
import { studentFolder } from "./student-folder.ts";
import { askTeacher } from "./training-set.ts";

/** A part of the answers, under its own scheme and key. */
interface Part {
  readonly maker: SchemeMaker;
  readonly keyName: string;
  readonly answers: Answers;
}

/** The teacher's answers, the parts in turn. */
async function answerInParts(
  { config, teacher, work, about }: Bench,
  { label, parts }: DefenceSpec,
  seed: string,
  prompts: readonly string[],
): Promise<readonly Part[]> {
  const settings = samplingOf({ config }, seed);
  const answered: Part[] = [];
  for (const [k, mark] of parts.entries()) {
    const maker = schemeMaker(`${label} ${k}`, mark, seed);
    const keyName = `${seed}/teacher`;
    const asked = prompts.filter((_, i) => i % parts.length === k);
    const dependsOn = { ...about, settings, scheme: mark, asked: sha256(JSON.stringify(asked)) };
    const answers = await work.keep(["answers", `defence ${label} ${k} ${seed}`], dependsOn, () =>
      askTeacher(teacher, maker, keyName, asked, settings),
    );
    answered.push({ maker, keyName, answers });
  }
  return answered;
}

/** One student, as it answers after so much was subtracted. */
async function auditDefended(
  { heldOut }: Bench,
  folder: string,
  parts: readonly Part[],
  learnt: readonly LearntBias[],
  strength: number,
): Promise<Pick<DefenceRow, "heldOutLoss" | "test">> {
  const student = await openStudent(folder);
  try {
    const reader = strength === 0 ? student.reader! : neutralised(student.reader!, learnt, strength);
    const readings = [];
    for (const { maker, keyName, answers } of parts) {
      const transcripts = transcriptsOf(answers);
      const predictions = await readAlong(reader, transcripts);
      readings.push({ scheme: maker.create(keyName), transcripts, predictions });
    }
    const trained = parts.flatMap(({ answers }) => transcriptsOf(answers));
    return {
      heldOutLoss: (await heldOutLoss(reader, student.tokenizer, heldOut)).heldOutLoss,
      test: testSigned(readings, trained),
    };
  } finally {
    await student.dispose();
  }
}

/**
 * Ways to mark that are to outlive neutralisation, each against the strongest copier: one that has the unmarked teacher's law. A student of unmarked
 * answers is audited beside each, so that every test shows what it says of nobody.
 */
export async function runDefences(bench: Bench, seed: string, unmarked: Answers): Promise<DefenceRow[]> {
  const { config, teacher, work, about, step, failed } = bench;
  const spec = config.students[0]!;
  const asked = unmarked.slice(0, config.answers[0]!);
  const prompts = asked.map(({ prompt }) => prompt);
  const rows: DefenceRow[] = [];
  // The same for all defences of a seed.
  let unmarkedLoss: Promise<number> | undefined;
  for (const defence of config.defences) {
    const what = `defence ${defence.label}, seed ${seed}`;
    try {
      const parts = await answerInParts(bench, defence, seed, prompts);
      // In the order of the prompts: batches of training then hold all parts.
      const answers = prompts.map((_, i) => parts[i % parts.length]!.answers[Math.floor(i / parts.length)]!);
      const folder = await studentFolder(bench, spec, answers, `${seed}/student`, null);
      const clean = await studentFolder(bench, spec, asked, `${seed}/student`, null);
      const dependsOn = {
        ...about,
        folder: folder.slice(-24),
        clean: clean.slice(-24),
        strengths: config.neutralisers,
      };
      rows.push(
        ...(await work.keep<readonly DefenceRow[]>(["defences", what], dependsOn, async () => {
          const learnt = await learnBias(
            answers,
            parts.map(({ maker }) => maker),
            teacher,
            config.temperatures[0]!,
          );
          unmarkedLoss ??= answerLosses(teacher, asked).then(meanLoss);
          const common = {
            label: defence.label,
            seed,
            teacherLoss: meanLoss(await answerLosses(teacher, answers)),
            unmarkedLoss: await unmarkedLoss,
          };
          const made: DefenceRow[] = [
            { ...common, student: "clean", strength: 0, ...(await auditDefended(bench, clean, parts, learnt, 0)) },
          ];
          for (const strength of [0, ...config.neutralisers]) {
            const audit = await auditDefended(bench, folder, parts, learnt, strength);
            made.push({ ...common, student: "marked", strength, ...audit });
          }
          return made;
        })),
      );
    } catch (error) {
      failed.push({ what, reason: reasonOf(error) });
    }
    step(what);
  }
  return rows;
}
