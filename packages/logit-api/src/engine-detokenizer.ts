import type { Detokenizer, TokenId } from "@tokenmark/core";
import type { LlamaSequenceModel } from "./llama-sequence.ts";

/** What the engine writes for bytes that are no character, and for the beginning of one. */
const UNFINISHED = "\uFFFD";

/**
 * Spells tokens through the engine's own detokenizer. It gives text and no bytes, so tokens are held back and decoded together until
 * they end with a character: what has been given out is never read again, and a text of n tokens costs n short calls.
 *
 * llama.cpp drops a text's first space and, for some vocabularies, spaces before `.`, `,`, `?` and `!`. Behind a special token, which
 * spells nothing, the first is kept; the second happens inside one token only, since the pieces are decoded apart.
 */
export function createEngineDetokenizer(model: LlamaSequenceModel): Detokenizer {
  const silent = [model.tokens.bos, model.tokens.eos].find(
    (token) => token !== null && model.detokenize([token]) === "",
  );
  const before = silent === undefined || silent === null ? [] : [silent];
  let held: TokenId[] = [];
  const heldText = (): string => (held.length === 0 ? "" : model.detokenize([...before, ...held]));
  return {
    push(token: TokenId): string {
      held.push(token);
      const text = heldText();
      if (text.endsWith(UNFINISHED)) return "";
      held = [];
      return text;
    },
    flush(): string {
      const text = heldText();
      held = [];
      return text;
    },
  };
}
