import type { TokenSequence } from "@tokenmark/core";

/** How often each n-gram occurs, under its tokens joined by commas. */
export function countNgrams(tokens: TokenSequence, n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    let gram = `${tokens[i]}`;
    for (let k = 1; k < n; k++) gram += `,${tokens[i + k]}`;
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** Distinct n-grams over all n-grams (Li et al. 2016, distinct-n); NaN for a text shorter than n. */
export function distinctShare(tokens: TokenSequence, n: number): number {
  const total = tokens.length - n + 1;
  return total > 0 ? countNgrams(tokens, n).size / total : Number.NaN;
}
