import type { TokenSequence } from "@tokenmark/core";
import { normalQuantile } from "@tokenmark/stats";
import { greenZ } from "./green-z.ts";

/** What the Unigram code bases count. */
export interface UnigramCounts {
  readonly green: number;
  readonly total: number;
  /** Each distinct token once. */
  readonly distinctGreen: number;
  readonly distinct: number;
}

/** Green tokens of a text, with and without repeats; all ids below the mask's length. */
export function countGreen(mask: Uint8Array, tokens: TokenSequence): UnigramCounts {
  const seen = new Set<number>();
  let green = 0;
  let distinctGreen = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    green += mask[token]!;
    if (!seen.has(token)) distinctGreen += mask[token]!;
    seen.add(token);
  }
  return { green, total: tokens.length, distinctGreen, distinct: seen.size };
}

/** z over all tokens, and over distinct ones. */
export function unigramZ(
  counts: UnigramCounts,
  fraction: number,
): { readonly all: number | null; readonly distinct: number | null } {
  return {
    all: greenZ(counts.green, counts.total, fraction),
    distinct: greenZ(counts.distinctGreen, counts.distinct, fraction),
  };
}

/**
 * The threshold for z over distinct tokens at false-positive rate `alpha`: √(1 − (m − 1)/(V − 1)) · Φ⁻¹(1 − α), a normal
 * approximation to drawing m of V tokens without replacement (Zhao et al. 2024).
 */
export function dynamicThreshold(distinct: number, vocabSize: number, alpha: number): number {
  return Math.sqrt(1 - (distinct - 1) / (vocabSize - 1)) * normalQuantile(1 - alpha);
}
