import { BYTE_CHARACTERS, CHARACTER_BYTES } from "./byte-alphabet.ts";
import { preTokenize } from "./pre-tokenize.ts";
import type { BpeVocabulary } from "./train-bpe.ts";

/** Turns text into ids and back. The end-of-text token is never made from text: callers place it. */
export interface BpeTokenizer {
  readonly vocabSize: number;
  /** Id of the token that ends a document. */
  readonly endOfText: number;
  encode(text: string): number[];
  decode(ids: ArrayLike<number>): string;
}

/** Makes a tokenizer of a learnt vocabulary. Pieces seen before come from a cache. */
export function createBpeTokenizer(vocabulary: BpeVocabulary): BpeTokenizer {
  const { tokens, merges } = vocabulary;
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const ranks = new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
  const cache = new Map<string, readonly number[]>();

  const encodePiece = (piece: string): readonly number[] => {
    const known = cache.get(piece);
    if (known !== undefined) return known;
    let symbols = Array.from(Buffer.from(piece, "utf8"), (byte) => BYTE_CHARACTERS[byte]!);
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 1; i < symbols.length; i++) {
        best = Math.min(best, ranks.get(`${symbols[i - 1]} ${symbols[i]}`) ?? Number.POSITIVE_INFINITY);
      }
      if (best === Number.POSITIVE_INFINITY) break;
      symbols = mergePair(symbols, merges[best]!);
    }
    const encoded = symbols.map((symbol) => ids.get(symbol)!);
    cache.set(piece, encoded);
    return encoded;
  };

  return Object.freeze({
    vocabSize: tokens.length,
    endOfText: 0,
    encode: (text: string): number[] => preTokenize(text).flatMap(encodePiece),
    decode(sequence: ArrayLike<number>): string {
      const bytes: number[] = [];
      for (const id of Array.from(sequence)) {
        if (id === 0) continue;
        for (const character of tokens[id]!) bytes.push(CHARACTER_BYTES.get(character)!);
      }
      return Buffer.from(bytes).toString("utf8");
    },
  });
}

function mergePair(symbols: readonly string[], [left, right]: readonly [string, string]): string[] {
  const result: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      result.push(left + right);
      i++;
    } else {
      result.push(symbols[i]!);
    }
  }
  return result;
}
