import type { TokenSequence } from "@tokenmark/core";

/** What a detector drops as repeated: windows, windows with their token, or nothing. */
export const SCORING_METHODS = ["v1", "v2", "none"] as const;
/** Name of a scoring method. */
export type ScoringMethod = (typeof SCORING_METHODS)[number];

/** Indices that TextSeal's detectors score: from ngram + 1 on, one later than needed, the first of each kind by the method. */
export function scoredPositions(tokens: TokenSequence, ngram: number, method: ScoringMethod): readonly number[] {
  const seen = new Set<string>();
  const positions: number[] = [];
  for (let i = ngram + 1; i < tokens.length; i++) {
    const kind = Array.prototype.slice.call(tokens, i - ngram, method === "v1" ? i : i + 1).join();
    if (method !== "none" && seen.has(kind)) continue;
    seen.add(kind);
    positions.push(i);
  }
  return positions;
}
