import { extendPrompts } from "../survival/extend-prompts.ts";
import { readPromptSet } from "../survival/prompt-set.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import { sha256 } from "../survival/sha256.ts";
import { type Answers, type Bench, samplingOf } from "./bench.ts";
import type { StudentSpec } from "./distill-config.ts";
import { saveDataset } from "./save-dataset.ts";
import { studentFolder } from "./student-folder.ts";
import { askTeacher, makePrompts } from "./training-set.ts";

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

/** The teacher's answers to a seed's prompts, by scheme label and for "unmarked". Marked ones of a seed are under one key. */
export async function teacherAnswers(
  bench: Bench,
  seed: string,
  makers: readonly SchemeMaker[],
  temperature: number,
): Promise<ReadonlyMap<string, Answers>> {
  const { config, teacher, work, folder, about, step } = bench;
  const count = Math.max(...config.answers);
  const settings = samplingOf(bench, seed, temperature);
  const prompts = await promptsOf(bench, count, seed);
  const answers = new Map<string, Answers>();
  for (const maker of [null, ...makers]) {
    const label = maker?.label ?? "unmarked";
    const dependsOn = { ...about, settings, prompts: sha256(JSON.stringify(prompts)), scheme: maker?.config ?? null };
    const keyName = `${seed}/teacher`;
    const given = await work.keep(["answers", `${label} ${seed} at ${temperature}`], dependsOn, () =>
      askTeacher(teacher, maker, keyName, prompts, settings),
    );
    answers.set(label, given);
    const profile = maker?.keyId(keyName) ?? null;
    saveDataset(folder, `${label} ${seed} at ${temperature}`, [{ answers: given, profile }], teacher.tokenizer);
    step(`answers ${label}`);
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
