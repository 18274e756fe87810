import { basename } from "node:path";
import { findAttack } from "../attacks/find-attack.ts";
import { modelAttacks } from "../attacks/model-attacks.ts";
import { openModel } from "../models/open-model.ts";
import { reasonOf } from "../survival/reason-of.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { auditStudent, type StudentAudit } from "./audit-student.ts";
import { type Answers, type Bench, samplingOf } from "./bench.ts";
import { UNMARKED } from "./distill-config.ts";
import type { RemovalRow } from "./distill-results.ts";
import { learnBias, neutralised } from "./neutralise.ts";
import { openStudent } from "./open-student.ts";
import { attackRows, encodeRows, humanRows, type RemovalName, washRows } from "./removal.ts";
import { studentFolder } from "./student-folder.ts";
import { askTeacher } from "./training-set.ts";

const OTHER_KEYS = 3;

/** What one removal leaves to train on, to train on further, and to be audited with. */
interface Removed {
  readonly rows: Answers;
  readonly further: Answers | null;
  readonly transcripts: Answers;
}

/** What a removal starts from. */
interface Given {
  readonly maker: SchemeMaker;
  readonly seed: string;
  readonly marked: Answers;
  readonly unmarked: Answers;
}

/** Rewrites all marked answers, once. */
function rewritten(
  { work, about, config }: Bench,
  name: RemovalName,
  { maker, seed, marked }: Given,
  rewrite: () => Promise<Answers>,
): Promise<Answers> {
  const dependsOn = { ...about, name, temperature: config.temperatures[0]!, rows: sha256(JSON.stringify(marked)) };
  return work.keep(["answers", `${name} ${maker.label} ${seed}`], dependsOn, rewrite);
}

async function attacked(bench: Bench, name: RemovalName, given: Given, strength: number): Promise<Answers> {
  const { teacher, forPrompts } = bench;
  const resources = { writer: teacher, humanText: forPrompts, paraphraser: null };
  const attack = findAttack(name, modelAttacks);
  const lacking = await attack.missing?.(resources);
  if (lacking) throw new Error(lacking);
  return rewritten(bench, name, given, () =>
    attackRows(given.marked, attack, strength, resources, teacher.tokenizer, given.seed),
  );
}

/** A quarter of the answers under the audited key, the others under more keys. */
async function underMoreKeys(bench: Bench, { maker, seed, marked }: Given): Promise<Removed> {
  const { teacher, work, about } = bench;
  const settings = samplingOf(bench, seed);
  const own = marked.filter((_, i) => i % (OTHER_KEYS + 1) === 0);
  const others: Answers[] = [];
  for (let k = 1; k <= OTHER_KEYS; k++) {
    const asked = marked.filter((_, i) => i % (OTHER_KEYS + 1) === k).map(({ prompt }) => prompt);
    const dependsOn = { ...about, settings, scheme: maker.config, asked: sha256(JSON.stringify(asked)) };
    others.push(
      await work.keep(["answers", `mixed-keys ${k} ${maker.label} ${seed}`], dependsOn, () =>
        askTeacher(teacher, maker, `${seed}/other ${k}`, asked, settings),
      ),
    );
  }
  return { rows: [...own, ...others.flat()], further: null, transcripts: own };
}

/** Every second answer from another model, its text encoded anew: its tokenizer is another. */
async function withSecondTeacher(bench: Bench, { seed, marked }: Given): Promise<Removed> {
  const { teacher, work, about } = bench;
  const settings = samplingOf(bench, seed);
  const own = marked.filter((_, i) => i % 2 === 0);
  const rest = marked.filter((_, i) => i % 2 === 1);
  const prompts = rest.map(({ prompt }) => prompt);
  const dependsOn = { ...about, settings, prompts: sha256(JSON.stringify(prompts)) };
  const others = await work.keep(["answers", `second-teacher ${seed}`], dependsOn, async () => {
    const second = await openModel({ kind: "shipped-judge" });
    try {
      const answers = await askTeacher(second, null, "", prompts, settings);
      return encodeRows(
        rest,
        answers.map(({ tokens }) => second.tokenizer.decode(tokens)),
        teacher.tokenizer,
      );
    } finally {
      await second.dispose();
    }
  });
  return { rows: [...own, ...others], further: null, transcripts: own };
}

/** What a student of the marked answers writes itself to the same prompts. */
async function answersOfStudent(bench: Bench, { maker, seed, marked }: Given): Promise<Answers> {
  const { config, work, about } = bench;
  const folder = await studentFolder(bench, config.students[0]!, marked, `${seed}/student`, null);
  const settings = samplingOf(bench, `${seed}/second generation`);
  const dependsOn = { ...about, settings, folder: folder.slice(-24) };
  return work.keep(["answers", `second-generation ${maker.label} ${seed}`], dependsOn, async () => {
    const student = await openStudent(folder);
    try {
      const prompts = marked.map(({ prompt }) => prompt);
      return await askTeacher(student, null, "", prompts, settings);
    } finally {
      await student.dispose();
    }
  });
}

async function remove(bench: Bench, name: RemovalName, given: Given): Promise<Removed> {
  const { teacher, forPrompts, config } = bench;
  const { maker, seed, marked, unmarked } = given;
  const all = (rows: Answers): Removed => ({ rows, further: null, transcripts: marked });
  switch (name) {
    case "none":
    case "neutralise":
      return all(marked);
    case "round-trip-es":
      return all(await attacked(bench, name, given, 1));
    case "resample":
      return all(await attacked(bench, name, given, 0.5));
    case "targeted":
      return all(
        await rewritten(bench, name, given, async () => {
          const [learnt] = await learnBias(marked, [maker], teacher, config.temperatures[0]!);
          return washRows(marked, learnt!, teacher, config.temperatures[0]!, seed);
        }),
      );
    case "other-text":
      return all([...marked, ...humanRows(forPrompts, marked, teacher.tokenizer)]);
    case "second-generation":
      return all(await answersOfStudent(bench, given));
    case "clean-tuning":
      return { rows: marked, further: unmarked, transcripts: marked };
    case "second-teacher":
      return withSecondTeacher(bench, given);
    case "mixed-keys":
      return underMoreKeys(bench, given);
    default:
      return name satisfies never;
  }
}

/** Students of fully marked answers after each removal that the config names. */
export async function runRemovals(
  bench: Bench,
  maker: SchemeMaker,
  seed: string,
  answers: ReadonlyMap<string, Answers>,
): Promise<RemovalRow[]> {
  const { config, teacher, work, about, heldOut, step, failed } = bench;
  const spec = config.students[0]!;
  const count = config.answers[0]!;
  const marked = answers.get(maker.label)!.slice(0, count);
  const given: Given = { maker, seed, marked, unmarked: answers.get(UNMARKED)!.slice(0, count) };
  const rows: RemovalRow[] = [];
  for (const name of config.removals) {
    const what = `removal ${name}, ${maker.label}, seed ${seed}`;
    try {
      const { rows: training, further, transcripts } = await remove(bench, name, given);
      const first = await studentFolder(bench, spec, training, `${seed}/student`, null);
      const folder = further === null ? first : await studentFolder(bench, spec, further, `${seed}/further`, first);
      let learnt: ReturnType<typeof learnBias> | undefined;
      for (const strength of name === "neutralise" ? config.neutralisers : [null]) {
        const dependsOn = {
          ...about,
          name,
          strength,
          temperature: config.temperatures[0]!,
          folder: folder.slice(-24),
          scheme: maker.config,
          transcripts: sha256(JSON.stringify(transcripts)),
        };
        const audit = await work.keep<StudentAudit>(["removals", `${what} ${strength ?? ""}`], dependsOn, async () => {
          // What was learnt is the same for all strengths.
          if (strength !== null) learnt ??= learnBias(marked, [maker], teacher, config.temperatures[0]!);
          const bias = await learnt;
          return auditStudent({
            folder,
            teacher,
            maker,
            keyName: `${seed}/teacher`,
            transcripts,
            closed: null,
            wrongKeys: 0,
            heldOut,
            seed: `${seed}/${what}`,
            ...(strength === null || bias === undefined
              ? {}
              : { wrap: (reader) => neutralised(reader, bias, strength) }),
          });
        });
        rows.push({ label: maker.label, removal: name, strength, seed, folder: basename(folder), ...audit });
      }
    } catch (error) {
      failed.push({ what, reason: reasonOf(error) });
    }
    step(what);
  }
  return rows;
}
