import type { Key } from "@tokenmark/core";
import { extendPrompts } from "../survival/extend-prompts.ts";
import { readPromptSet } from "../survival/prompt-set.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { type Answers, type Bench, samplingOf } from "./bench.ts";
import { type StudentSpec, UNMARKED } from "./distill-config.ts";
import { checkPrompts, readAnswers, readPrompts } from "./given-answers.ts";
import { saveDataset } from "./save-dataset.ts";
import { saveKey } from "./save-keys.ts";
import { studentFolder } from "./student-folder.ts";
import { askTeacher, makePrompts } from "./training-set.ts";

/** The name of a seed's key. */
const teacherKey = (seed: string): string => `${seed}/teacher`;

/**
 * What a copier asks in a seed's first round: openings of text by people, or the config's own prompts. Where answers come from a file, what those
 * answer: students of mixed sets read each prompt once.
 */
async function promptsOf(bench: Bench, count: number, seed: string): Promise<readonly string[]> {
  const { config, teacher, work, about, forPrompts } = bench;
  const [given] = Object.values(config.datasets);
  if (given !== undefined) return readPrompts(given, teacher, count);
  if (config.prompts === "bundled") {
    return work.keep(["prompts", seed], { ...about, count, seed }, () => makePrompts(teacher, forPrompts, count, seed));
  }
  const { prompts, sha256: digest } = readPromptSet(config.prompts);
  return work.keep(["prompts", seed], { ...about, count, seed, prompts: digest }, () =>
    extendPrompts(teacher, [...new Set(prompts)], count, seed),
  );
}

/** A seed's key, or none. */
interface Marking {
  readonly maker: SchemeMaker | null;
  readonly seed: string;
}

/** The key, if there is one. */
const keyOf = ({ maker, seed }: Marking): Key | null => maker?.keyOf(teacherKey(seed)) ?? null;

/** Answers from the file that the config names for them, if it names one. */
function givenAnswers({ config, teacher }: Bench, marking: Marking): Answers | null {
  const label = marking.maker?.label ?? UNMARKED;
  const file = config.datasets[label];
  if (file === undefined) return null;
  const profile = keyOf(marking)?.id ?? null;
  return readAnswers(file, teacher, { label, profile, count: Math.max(...config.answers) });
}

/**
 * Reads all files that the config names, so that one that will not do is found before anything is computed.
 *
 * @throws TokenmarkError `io`, `bad-config`.
 */
export function checkDatasets(bench: Bench, seed: string, makers: readonly SchemeMaker[]): void {
  const given = [null, ...makers].map((maker) => givenAnswers(bench, { maker, seed }));
  const files = given.filter((answers) => answers !== null);
  for (const answers of files) checkPrompts(files[0]!, answers);
}

/** What the teacher answers under one key of a seed, or none. */
async function askedAnswers(bench: Bench, { maker, seed }: Marking, temperature: number): Promise<Answers> {
  const { config, teacher, work, about } = bench;
  const settings = samplingOf(bench, seed, temperature);
  const prompts = await promptsOf(bench, Math.max(...config.answers), seed);
  const dependsOn = { ...about, settings, prompts: sha256(JSON.stringify(prompts)), scheme: maker?.config ?? null };
  return work.keep(["answers", `${maker?.label ?? UNMARKED} ${seed} at ${temperature}`], dependsOn, () =>
    askTeacher(teacher, maker, teacherKey(seed), prompts, settings),
  );
}

/** The answers to a seed's prompts, by scheme label and for "unmarked". Marked ones of a seed are under one key. */
export async function teacherAnswers(
  bench: Bench,
  seed: string,
  makers: readonly SchemeMaker[],
  temperature: number,
): Promise<ReadonlyMap<string, Answers>> {
  const answers = new Map<string, Answers>();
  for (const maker of [null, ...makers]) {
    const label = maker?.label ?? UNMARKED;
    const marking: Marking = { maker, seed };
    let own = givenAnswers(bench, marking);
    if (own === null) {
      own = await askedAnswers(bench, marking, temperature);
      const key = keyOf(marking);
      const base = saveDataset(bench, `${label} ${seed} at ${temperature}`, [{ answers: own, key }]);
      if (maker !== null && key !== null) saveKey(base, key, maker, bench);
    }
    answers.set(label, own);
    bench.step(`answers ${label}`);
  }
  return answers;
}

/** The base model of a shape: it read the teacher's unmarked answers to other prompts. */
export async function baseFolder(bench: Bench, spec: StudentSpec): Promise<string | null> {
  const { config, teacher, work, about, forPrompts } = bench;
  if (spec.start === "scratch") return null;
  const seed = "base";
  const settings = samplingOf(bench, seed);
  const rows = await work.keep(["answers", "base"], { ...about, settings, count: config.baseAnswers }, async () =>
    askTeacher(teacher, null, "", await makePrompts(teacher, forPrompts, config.baseAnswers, seed), settings),
  );
  return studentFolder(bench, { ...spec, start: "scratch" }, rows, seed, null);
}
