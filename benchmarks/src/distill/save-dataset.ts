import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatTranscripts } from "@tokenmark/radioactivity";
import type { Answers, Bench } from "./bench.ts";

/** Answers under one key, or under none. */
export interface DatasetPart {
  readonly answers: Answers;
  /** The key's public id. */
  readonly profile: string | null;
}

/** Writes answers in the shape that distillation tools read, ids and the key's public id beside the texts: `datasets` of the work folder. */
export function saveDataset(
  { folder: workFolder, config, teacher: { tokenizer } }: Pick<Bench, "folder" | "config" | "teacher">,
  name: string,
  parts: readonly DatasetPart[],
): void {
  const folder = join(workFolder, "datasets");
  mkdirSync(folder, { recursive: true });
  const records = parts.flatMap(({ answers, profile }) =>
    answers.map(({ prompt, promptTokens, tokens }) => ({
      promptText: prompt,
      text: tokenizer.decode(tokens),
      prompt: promptTokens,
      tokens,
      profile,
      hasOwnIds: true,
    })),
  );
  const file = `${name.replaceAll(/[^A-Za-z0-9.=]+/g, "-")}.jsonl`;
  writeFileSync(join(folder, file), formatTranscripts(records, config.datasetShape));
}
