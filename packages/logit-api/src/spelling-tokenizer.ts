import { createDecodingDetokenizer, type Detokenizer, type TextTokenizer, type TokenSequence } from "@tokenmark/core";

/** A tokenizer at hand, for servers whose answers do not spell their tokens. */
export interface SpellingTokenizer extends Pick<TextTokenizer, "decode"> {
  createDetokenizer?(prompt: TokenSequence): Detokenizer;
}

/** How a tokenizer at hand spells; nothing without one. */
export function detokenizerOf(tokenizer: SpellingTokenizer | undefined): {
  readonly createDetokenizer?: (prompt: TokenSequence) => Detokenizer;
} {
  if (tokenizer === undefined) return {};
  return {
    createDetokenizer: (prompt) =>
      tokenizer.createDetokenizer?.(prompt) ?? createDecodingDetokenizer((tokens) => tokenizer.decode(tokens)),
  };
}
