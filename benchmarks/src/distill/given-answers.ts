import { TokenmarkError } from "@tokenmark/core";
import { parseTranscripts, type TranscriptRecord } from "@tokenmark/radioactivity";
import type { TextModel } from "../models/text-model.ts";
import { readTextFile } from "../survival/read-text-file.ts";
import type { Answers } from "./bench.ts";

/** What answers from elsewhere have to be. */
export interface WantedAnswers {
  readonly label: string;
  /** Public id of the key that they are under; null: of none. */
  readonly profile: string | null;
  readonly count: number;
}

function readRecords(file: string, { tokenizer, identity }: TextModel): readonly TranscriptRecord[] {
  const jsonl = readTextFile("datasets", file);
  try {
    return parseTranscripts(jsonl, tokenizer, identity.vocabularySize);
  } catch (cause) {
    if (!(cause instanceof TokenmarkError)) throw cause;
    throw new TokenmarkError(cause.code, `datasets: ${file}: ${cause.message}`, { cause });
  }
}

/**
 * Reads answers that were collected, or treated, elsewhere: as many as a run needs, from the front. Ids that were not kept are made with the
 * teacher's tokenizer.
 *
 * @throws TokenmarkError `io`, `bad-config` for what is no dataset, too few answers, and answers under another key than the one they are audited under.
 */
export function readAnswers(file: string, teacher: TextModel, { label, profile, count }: WantedAnswers): Answers {
  const records = readRecords(file, teacher);
  const refuse = (wanted: string, got: string): never => {
    throw new TokenmarkError("bad-config", `datasets: ${file}: wanted ${wanted} for ${label}, got ${got}`);
  };
  if (records.length < count) refuse(`${count} answers`, `${records.length}`);
  const rows = records.slice(0, count);
  const empty = rows.findIndex(({ prompt, tokens }) => prompt.length === 0 || tokens.length === 0);
  if (empty >= 0) refuse("a prompt and an answer on every line", `none on line ${empty + 1}`);
  const strange = rows.find((row) => row.profile !== profile);
  if (strange !== undefined) {
    refuse(`the profile ${profile ?? "null"} with every answer`, strange.profile ?? "null or none");
  }
  return rows.map(({ promptText, prompt, tokens }) => ({
    prompt: promptText,
    promptTokens: Array.from(prompt),
    tokens: Array.from(tokens),
  }));
}

/**
 * Refuses two sets of answers that are not to the same prompts in one order: of a mixed set each prompt is read once, marked or not.
 *
 * @throws TokenmarkError `bad-config`.
 */
export function checkPrompts(one: Answers, other: Answers): void {
  const at = one.findIndex(({ prompt }, i) => prompt !== other[i]!.prompt);
  if (at < 0) return;
  throw new TokenmarkError(
    "bad-config",
    `datasets: wanted answers to the same prompts in one order, got another prompt in answer ${at + 1}`,
  );
}
