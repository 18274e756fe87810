import { findAttack } from "../attacks/find-attack.ts";
import { modelAttacks } from "../attacks/model-attacks.ts";
import { reasonOf } from "../survival/reason-of.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import type { StoredText } from "../survival/written-texts.ts";
import { auditStudent, type StudentAudit } from "./audit-student.ts";
import type { Bench } from "./bench.ts";
import type { RemovalRow } from "./distill-results.ts";
import { openStudent } from "./open-student.ts";
import { attackRows, neutralised, type RemovalName } from "./removal.ts";
import { studentFolder } from "./student-folder.ts";
import { askTeacher } from "./training-set.ts";

type Answers = readonly StoredText[];

const OTHER_KEYS = 3;

/** What one removal leaves to train on, to train on further, and to be audited with. */
interface Removed {
  readonly rows: Answers;
  readonly further: Answers | null;
  readonly transcripts: Answers;
}

async function remove(
  bench: Bench,
  name: RemovalName,
  maker: SchemeMaker,
  seed: string,
  marked: Answers,
  unmarked: Answers,
): Promise<Removed> {
  const { config, teacher, work, about, forPrompts } = bench;
  const resources = { writer: teacher, humanText: forPrompts, paraphraser: null };
  const attacked = (strength: number): Promise<Answers> =>
    work.keep(
      ["answers", `${name} ${maker.label} ${seed}`],
      { ...about, name, strength, rows: sha256(JSON.stringify(marked)) },
      async () => {
        const attack = findAttack(name, modelAttacks);
        const lacking = await attack.missing?.(resources);
        if (lacking) throw new Error(lacking);
        return attackRows(marked, attack, strength, resources, teacher.tokenizer, seed);
      },
    );
  switch (name) {
    case "none":
    case "neutralise":
      return { rows: marked, further: null, transcripts: marked };
    case "round-trip-es":
      return { rows: await attacked(1), further: null, transcripts: marked };
    case "resample":
      return { rows: await attacked(0.5), further: null, transcripts: marked };
    case "clean-tuning":
      return { rows: marked, further: unmarked, transcripts: marked };
    case "mixed-keys": {
      const settings = { temperature: config.temperature, tokens: config.answerTokens, seed };
      const prompts = marked.map(({ prompt }) => prompt);
      const own = marked.filter((_, i) => i % (OTHER_KEYS + 1) === 0);
      const others: Answers[] = [];
      for (let k = 1; k <= OTHER_KEYS; k++) {
        const asked = prompts.filter((_, i) => i % (OTHER_KEYS + 1) === k);
        others.push(
          await work.keep(
            ["answers", `${name} ${k} ${maker.label} ${seed}`],
            { ...about, settings, scheme: maker.config, asked: sha256(JSON.stringify(asked)) },
            () => askTeacher(teacher, maker, `${seed}/other ${k}`, asked, settings),
          ),
        );
      }
      return { rows: [...own, ...others.flat()], further: null, transcripts: own };
    }
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
  const unmarked = answers.get("unmarked")!.slice(0, count);
  const rows: RemovalRow[] = [];
  for (const name of config.removals) {
    const what = `removal ${name}, ${maker.label}, seed ${seed}`;
    try {
      const { rows: training, further, transcripts } = await remove(bench, name, maker, seed, marked, unmarked);
      const first = await studentFolder(bench, spec, training, `${seed}/student`, null);
      const folder = further === null ? first : await studentFolder(bench, spec, further, `${seed}/further`, first);
      const clean = await studentFolder(bench, spec, unmarked, `${seed}/student`, null);
      const dependsOn = {
        ...about,
        name,
        folder: folder.slice(-24),
        scheme: maker.config,
        transcripts: sha256(JSON.stringify(transcripts)),
      };
      const audit = await work.keep<StudentAudit>(["removals", what], dependsOn, async () => {
        const copier = name === "neutralise" ? await openStudent(clean) : null;
        try {
          return await auditStudent({
            folder,
            teacher,
            maker,
            keyName: `${seed}/teacher`,
            transcripts,
            closedAnswers: 0,
            answerTokens: config.answerTokens,
            wrongKeys: 0,
            heldOut,
            seed: `${seed}/${what}`,
            ...(copier === null
              ? {}
              : { wrap: (reader) => neutralised(reader, marked, copier, maker, config.temperature) }),
          });
        } finally {
          await copier?.dispose();
        }
      });
      rows.push({ label: maker.label, removal: name, seed, ...audit });
    } catch (error) {
      failed.push({ what, reason: reasonOf(error) });
    }
    step(what);
  }
  return rows;
}
