import type { TokenSequence } from "../types.ts";

/** How many candidates are hashed at a time: the block's words stay in the first-level cache. */
export const BLOCK = 2048;

/**
 * Walks candidates in blocks: `hash(out, from, count, candidates)` fills the deciding words of candidates from…from + count − 1;
 * green are words below the threshold, and their logits rise by delta. The addend comes from a two-entry table, because a branch
 * that a keyed hash decides is mispredicted once in four times at γ = ¼ and costs more than the hash.
 */
export function addToGreen(
  logits: Float32Array,
  candidates: TokenSequence | undefined,
  threshold: number,
  delta: number,
  words: Int32Array,
  hash: (words: Int32Array, from: number, count: number, candidates: TokenSequence | undefined) => void,
): void {
  const addend = Float64Array.of(0, delta);
  for (let from = 0; from < logits.length; from += BLOCK) {
    const count = Math.min(BLOCK, logits.length - from);
    hash(words, from, count, candidates);
    for (let i = 0; i < count; i++) logits[from + i]! += addend[+(words[i]! >>> 0 < threshold)]!;
  }
}
