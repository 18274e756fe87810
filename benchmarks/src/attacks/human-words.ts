import { TokenmarkError } from "@tokenmark/core";
import { splitWords } from "./worded-text.ts";

/**
 * The words of the text by people that attacks insert.
 *
 * @throws TokenmarkError `bad-argument` if there is none.
 */
export function humanWords(humanText: string): readonly string[] {
  const { words } = splitWords(humanText);
  if (words.length > 0) return words;
  throw new TokenmarkError("bad-argument", "humanText: wanted at least one word, got none");
}
