import { TokenmarkError } from "@tokenmark/core";
import { parseTranscripts, type TranscriptRecord } from "@tokenmark/radioactivity";
import type { ModelTokenizer } from "@tokenmark/transformers";
import { readText } from "../read-input.ts";
import { inFile } from "./in-file.ts";

/**
 * Reads transcripts, or answers that were collected; ids that a line has not got are made with the mark's tokenizer.
 *
 * @param tokenizer - the mark's; null if it is not at hand: then every line has to have its ids.
 * @param option - which option would name the tokenizer, for the message.
 * @param vocabularySize - the mark's, where it is known without the tokenizer; ids from there on are refused.
 * @throws TokenmarkError `io`, `bad-config` with file and line, `bad-argument` for texts without the tokenizer.
 */
export async function readTranscripts(
  path: string,
  tokenizer: ModelTokenizer | null,
  option: "--model" | "--tokenizer",
  signal: AbortSignal,
  vocabularySize: number | undefined = tokenizer?.identity.vocabularySize,
): Promise<readonly TranscriptRecord[]> {
  const jsonl = await readText(path, signal);
  const encode = (text: string): readonly number[] => {
    if (tokenizer !== null) return tokenizer.encode(text);
    if (text === "") return [];
    throw new TokenmarkError(
      "bad-argument",
      `wanted token ids on every line ("tokens" and "prompt_tokens"), or the mark's tokenizer (${option} DIR), got texts and another tokenizer`,
    );
  };
  try {
    return parseTranscripts(jsonl, { encode }, vocabularySize);
  } catch (cause) {
    throw inFile(path, cause);
  }
}
