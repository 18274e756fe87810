import type { TextTokenizer, TokenSequence } from "@tokenmark/core";

const list = (tokens: TokenSequence): number[] => Array.from(tokens);

/** One token a UTF-8 byte, as byte-level BPE has for rare characters: a character may be spread over four tokens. */
export const byteTokenizer: TextTokenizer = {
  encode: (text) => new TextEncoder().encode(text),
  decode: (tokens) => new TextDecoder().decode(Uint8Array.from(list(tokens))),
};

/** A vocabulary that grows as it reads, so that each test starts from an empty one. */
function createVocabulary(): { readonly idOf: (piece: string) => number; readonly pieceOf: (id: number) => string } {
  const pieces: string[] = [];
  const ids = new Map<string, number>();
  return {
    idOf(piece) {
      const known = ids.get(piece);
      if (known !== undefined) return known;
      ids.set(piece, pieces.length);
      return pieces.push(piece) - 1;
    },
    pieceOf: (id) => pieces[id]!,
  };
}

/** Words with the blank before them; like SentencePiece it drops the blank at the start of whatever it decodes. */
export function createWordTokenizer(normalise: (text: string) => string = (text) => text): TextTokenizer {
  const { idOf, pieceOf } = createVocabulary();
  return {
    encode: (text) => (` ${normalise(text)}`.match(/ [^ ]*/g) ?? []).map(idOf),
    decode: (tokens) => list(tokens).map(pieceOf).join("").replace(/^ /, ""),
  };
}

/** Every UTF-16 unit a token, with offsets of its own. */
export const unitTokenizer: TextTokenizer = {
  encode: (text) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)),
  decode: (tokens) => String.fromCharCode(...list(tokens)),
  encodeWithOffsets: (text) => ({
    tokens: Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)),
    offsets: Uint32Array.from({ length: 2 * text.length }, (_, i) => (i + 1) >> 1),
  }),
};

/** Ids as four-letter words: text whose tokens are just the generated ones. */
export const wordPerToken: TextTokenizer = {
  encode: (text) =>
    text
      .trim()
      .split(/\s+/)
      .map((word) => Number.parseInt(word.slice(1), 36)),
  decode: (tokens) =>
    list(tokens)
      .map((token) => ` w${token.toString(36)}`)
      .join(""),
};
