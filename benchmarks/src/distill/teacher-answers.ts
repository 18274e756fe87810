import { extendPrompts } from "../survival/extend-prompts.ts";
import { readPromptSet } from "../survival/prompt-set.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { type Answers, type Bench, samplingOf } from "./bench.ts";
import { type StudentSpec, UNMARKED } from "./distill-config.ts";
import { checkPrompts, readAnswers } from "./given-answers.ts";
import { saveDataset } from "./save-dataset.ts";
import { saveKey } from "./save-keys.ts";
import { studentFolder } from "./student-folder.ts";
import { askTeacher, makePrompts } from "./training-set.ts";

/** The name of a seed's key. */
const teacherKey = (seed: string): string => `${seed}/teacher`;

/** What a copier asks in a seed's first round: openings of text by people, or the config's own prompts. */
function promptsOf(
  { config, teacher, work, about, forPrompts }: Bench,
  count: number,
  seed: string,
): Promise<readonly string[]> {
  if (config.prompts === "bundled") {
    return work.keep(["prompts", seed], { ...about, count, seed }, () => makePrompts(teacher, forPrompts, count, seed));
  }
  const { prompts, sha256: digest } = readPromptSet(config.prompts);
  return work.keep(["prompts", seed], { ...about, count, seed, prompts: digest }, () =>
    extendPrompts(teacher, [...new Set(prompts)], count, seed),
  );
}

/** Answers that the config's files have, by label. */
function givenAnswers(
  { config, teacher }: Bench,
  seed: string,
  makers: readonly SchemeMaker[],
): ReadonlyMap<string, Answers> {
  const given = new Map<string, Answers>();
  for (const maker of [null, ...makers]) {
    const label = maker?.label ?? UNMARKED;
    const file = config.datasets[label];
    if (file === undefined) continue;
    const profile = maker?.keyOf(teacherKey(seed)).id ?? null;
    given.set(label, readAnswers(file, teacher, { label, profile, count: Math.max(...config.answers) }));
  }
  return given;
}

/**
 * Reads all files that the config names, so that one that will not do is found before anything is computed.
 *
 * @throws TokenmarkError `io`, `bad-config`.
 */
export function checkDatasets(bench: Bench, seed: string, makers: readonly SchemeMaker[]): void {
  const [first, ...others] = givenAnswers(bench, seed, makers).values();
  for (const answers of others) checkPrompts(first!, answers);
}

/** Asks the teacher under one key of a seed, or none, and leaves the answers as a dataset. */
async function askedAnswers(
  bench: Bench,
  maker: SchemeMaker | null,
  prompts: readonly string[],
  { seed, temperature }: { readonly seed: string; readonly temperature: number },
): Promise<Answers> {
  const { teacher, work, about } = bench;
  const name = `${maker?.label ?? UNMARKED} ${seed} at ${temperature}`;
  const settings = samplingOf(bench, seed, temperature);
  const dependsOn = { ...about, settings, prompts: sha256(JSON.stringify(prompts)), scheme: maker?.config ?? null };
  const answers = await work.keep(["answers", name], dependsOn, () =>
    askTeacher(teacher, maker, teacherKey(seed), prompts, settings),
  );
  const key = maker?.keyOf(teacherKey(seed)) ?? null;
  const base = saveDataset(bench, name, [{ answers, key }]);
  if (maker !== null && key !== null) saveKey(base, key, maker, bench);
  return answers;
}

/**
 * The answers to a seed's prompts, by scheme label and for "unmarked". Marked ones of a seed are under one key. Where some come from a file, the others
 * are to the same prompts: students of mixed sets read each prompt once.
 */
export async function teacherAnswers(
  bench: Bench,
  seed: string,
  makers: readonly SchemeMaker[],
  temperature: number,
): Promise<ReadonlyMap<string, Answers>> {
  const given = givenAnswers(bench, seed, makers);
  const [first] = given.values();
  const prompts =
    first?.map(({ prompt }) => prompt) ?? (await promptsOf(bench, Math.max(...bench.config.answers), seed));
  const answers = new Map<string, Answers>();
  for (const maker of [null, ...makers]) {
    const label = maker?.label ?? UNMARKED;
    answers.set(label, given.get(label) ?? (await askedAnswers(bench, maker, prompts, { seed, temperature })));
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
