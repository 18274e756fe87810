import { TokenmarkError, type TokenSequence } from "@tokenmark/core";

/**
 * Refuses a token that a list over `vocabSize` tokens says nothing about.
 *
 * @throws TokenmarkError `vocabulary-mismatch`.
 */
export function checkInVocabulary(token: number, vocabSize: number): void {
  if (token >= vocabSize) {
    throw new TokenmarkError(
      "vocabulary-mismatch",
      `token: wanted ids below vocab_size ${vocabSize}, got ${token}; the list depends on the vocabulary size`,
    );
  }
}

/** {@link checkInVocabulary} for every token of a text. */
export function checkAllInVocabulary(tokens: TokenSequence, vocabSize: number): void {
  for (let i = 0; i < tokens.length; i++) checkInVocabulary(tokens[i]!, vocabSize);
}
