import type { TokenSequence } from "@tokenmark/core";

/** What a detector asks for: contexts, and whether a token is green in one. */
export interface GreenQuestions {
  load(tokens: TokenSequence, from: number, count: number): void;
  isGreen(token: number): boolean;
}

/**
 * 1 and 0 for green and other tokens, of the first position of each context (tuples of ids, −1 before the first); of every position where
 * the detector is told not to deduplicate.
 */
export function firstGreens(
  asked: GreenQuestions,
  tokens: TokenSequence,
  contextWidth: number,
  deduplicate = true,
): readonly number[] {
  const padded = new Int32Array(contextWidth + tokens.length).fill(-1, 0, contextWidth);
  padded.set(tokens, contextWidth);
  const seen = new Set<string>();
  const greens: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const context = padded.subarray(i, i + contextWidth).join();
    if (deduplicate && seen.has(context)) continue;
    seen.add(context);
    asked.load(padded, i, contextWidth);
    greens.push(asked.isGreen(tokens[i]!) ? 1 : 0);
  }
  return greens;
}
