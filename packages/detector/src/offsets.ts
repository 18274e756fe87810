import type { TextTokenizer, TokenSequence } from "@tokenmark/core";
import { checkTokens } from "./argument-check.ts";

/**
 * Where character offsets come from: the tokenizer itself; decoding growing pieces, which gave the very text; or the same with
 * a tokenizer that normalises, so that offsets are near the place rather than on it.
 */
export type OffsetSource = "tokenizer" | "decoded-prefixes" | "decoded-prefixes-inexact";

/** Ids of a text with the place of each. */
export interface TokenOffsets {
  readonly tokens: TokenSequence;
  /** offsets[2i], offsets[2i+1]: start and end of token i in UTF-16 units, non-decreasing and inside the text. */
  readonly offsets: Uint32Array;
  readonly source: OffsetSource;
}

/** Tokens that one character may be spread over before its decoded piece is taken as it comes. */
const LONGEST_CHARACTER = 16;

/** Encodes a text and says where each token stands in it. */
export function tokenOffsets(text: string, tokenizer: TextTokenizer): TokenOffsets {
  if (tokenizer.encodeWithOffsets !== undefined) {
    return { ...tokenizer.encodeWithOffsets(text), source: "tokenizer" };
  }
  return decodedOffsets(text, tokenizer.encode(text), tokenizer);
}

/**
 * Decodes tokens in a short sliding window, so that the work is linear in the text: what a token adds to the decoding of the
 * tokens before it is its piece (a tokenizer may drop a blank at the start of what it decodes, hence the difference of two
 * decodings). A piece that is not the text at its place is the beginning of a character, waiting for the next token.
 */
function decodedOffsets(text: string, tokens: TokenSequence, tokenizer: TextTokenizer): TokenOffsets {
  checkTokens("tokens", tokens);
  const offsets = new Uint32Array(2 * tokens.length);
  const ids = Array.from(tokens);
  let at = 0;
  let exact = true;
  // The window: the last ids that gave text, those since that gave none (special tokens, or bytes that the tokenizer holds
  // back; only the latest, since a text may have any number of them), and those waiting for their place.
  let given: number[] = [];
  let silent: number[] = [];
  let waiting: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    waiting.push(ids[i]!);
    const before = tokenizer.decode([...given, ...silent]);
    const piece = tokenizer.decode([...given, ...silent, ...waiting]).slice(before.length);
    const fits = text.startsWith(piece, at);
    const waits = waiting.length < LONGEST_CHARACTER && i + 1 < ids.length;
    const end = fits ? at + piece.length : waits ? at : Math.min(text.length, at + piece.length);
    if (!fits && !waits) exact = false;
    offsets[2 * i] = at;
    offsets[2 * i + 1] = end;
    at = end;
    if (waits && !fits) continue;
    if (piece.length === 0) silent = [...silent, ...waiting].slice(-LONGEST_CHARACTER);
    else [given, silent] = [waiting, []];
    waiting = [];
  }
  if (at !== text.length) exact = false;
  return { tokens, offsets, source: exact ? "decoded-prefixes" : "decoded-prefixes-inexact" };
}
