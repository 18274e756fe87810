import { TokenmarkError } from "@tokenmark/core";
import { parseTranscripts, type TranscriptRecord } from "@tokenmark/radioactivity";
import { chooseModel, type ModelOptions, openTokenizer } from "../model-choice.ts";
import { readText } from "../read-input.ts";

/**
 * Reads transcripts, or answers that were collected; where a line has no ids of its own they are made with the tokenizer of `--model` or
 * TOKENMARK_MODEL, which must be the marked one.
 *
 * @throws TokenmarkError `io`, `bad-config`, `tokenizer-mismatch`.
 */
export async function readTranscripts(
  path: string,
  tokenizerSha256: string,
  model: ModelOptions,
  signal: AbortSignal,
): Promise<readonly TranscriptRecord[]> {
  const jsonl = await readText(path, signal);
  const tokenizer = await openTokenizer(chooseModel(model));
  const records = parseTranscripts(jsonl, tokenizer);
  if (tokenizer.identity.sha256 !== tokenizerSha256 && records.some(({ hasOwnIds }) => !hasOwnIds)) {
    throw new TokenmarkError(
      "tokenizer-mismatch",
      `${path}: wanted token ids on every line, or the tokenizer of the mark (--model, or TOKENMARK_MODEL beside --answers), got texts and the tokenizer of ${tokenizer.identity.name}`,
    );
  }
  return records;
}
