import type { TextTokenizer } from "@tokenmark/core";
import type { Transcript } from "./transcript.ts";

/** An answer of which only the text is known, or the text counts. */
export interface WrittenAnswer {
  readonly promptText: string;
  readonly text: string;
}

/**
 * Encodes texts with the mark's tokenizer, for closed mode on a student that has another one or sits behind an API. The null holds as it does for
 * ids that the student wrote itself; where the two differ, marked units are lost and the test is weaker.
 */
export function encodeAnswers(
  answers: readonly WrittenAnswer[],
  tokenizer: Pick<TextTokenizer, "encode">,
): Transcript[] {
  return answers.map(({ promptText, text }) => ({
    prompt: Array.from(tokenizer.encode(promptText)),
    tokens: Array.from(tokenizer.encode(text)),
  }));
}
