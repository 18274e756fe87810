import type { TokenSequence } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { countNgrams } from "../quality/ngrams.ts";

/** shared[i][j]: distinct n-grams that texts i and j both have. */
function sharedCounts(texts: readonly TokenSequence[], n: number): Float64Array[] {
  const grams = texts.map((tokens) => countNgrams(tokens, n));
  const shared = texts.map(() => new Float64Array(texts.length));
  for (let i = 0; i < texts.length; i++) {
    for (let j = 0; j < i; j++) {
      let count = 0;
      for (const gram of grams[i]!.keys()) count += +grams[j]!.has(gram);
      shared[i]![j] = count;
      shared[j]![i] = count;
    }
  }
  return shared;
}

/**
 * Whether the first texts share more n-grams with each other than texts of their kind do: a fixed key chooses alike wherever a context comes
 * again. `pairs[i]` names the i-th prompt's two texts, one of the suspect's and one of a model that is known to be unmarked; under the null either
 * could be the suspect's, so swapping them within prompts gives the exact law (permutation test, Fisher 1935).
 *
 * @param swaps - random swaps; the p-value is a multiple of 1 / (1 + swaps).
 */
export function sharedNgramTest(
  pairs: readonly (readonly [suspect: TokenSequence, reference: TokenSequence])[],
  n: number,
  swaps: number,
  seed: string,
): number {
  const texts = pairs.flat();
  const shared = sharedCounts(texts, n);
  const statistic = (side: Uint8Array): number => {
    let sum = 0;
    for (let i = 0; i < pairs.length; i++) {
      const own = shared[2 * i + side[i]!]!;
      for (let j = 0; j < i; j++) sum += own[2 * j + side[j]!]!;
    }
    return sum;
  };
  const side = new Uint8Array(pairs.length);
  const observed = statistic(side);
  const random = seedrandom(seed);
  let atLeast = 0;
  for (let s = 0; s < swaps; s++) {
    for (let i = 0; i < side.length; i++) side[i] = random() < 0.5 ? 0 : 1;
    atLeast += +(statistic(side) >= observed);
  }
  return (1 + atLeast) / (1 + swaps);
}
