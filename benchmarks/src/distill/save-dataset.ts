import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Key } from "@tokenmark/core";
import { formatTranscripts } from "@tokenmark/radioactivity";
import { sha256 } from "../survival/sha256.ts";
import { filePart } from "../survival/work-folder.ts";
import { writeWhole } from "../survival/write-whole.ts";
import type { Answers, Bench } from "./bench.ts";

/** Answers under one key, or under none. */
export interface DatasetPart {
  readonly answers: Answers;
  readonly key: Key | null;
}

const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, "utf8") : null);

/**
 * Writes answers in the shape that distillation tools read, ids and the key's public id beside the texts: `datasets` of the work folder. A file
 * that somebody changed is left as it is.
 *
 * @returns the file's path without its ending, for what is to stand beside it.
 */
export function saveDataset(
  { folder, config, teacher: { tokenizer }, note }: Pick<Bench, "folder" | "config" | "teacher" | "note">,
  name: string,
  parts: readonly DatasetPart[],
): string {
  const records = parts.flatMap(({ answers, key }) =>
    answers.map(({ prompt, promptTokens, tokens }) => ({
      promptText: prompt,
      text: tokenizer.decode(tokens),
      prompt: promptTokens,
      tokens,
      profile: key?.id ?? null,
      hasOwnIds: true,
    })),
  );
  const base = join(folder, "datasets", filePart(name));
  const [file, stamp] = [`${base}.jsonl`, `${base}.sha256`];
  const text = formatTranscripts(records, config.datasetShape);
  const found = textOf(file);
  // A digest is left beside what is written here: whatever does not have it was changed by somebody.
  if (found !== null && found !== text && textOf(stamp)?.trim() !== sha256(found)) {
    note(`${file} was changed and is left as it is; to train on it, give it with --dataset`);
    return base;
  }
  writeWhole(file, text);
  writeWhole(stamp, `${sha256(text)}\n`);
  return base;
}
