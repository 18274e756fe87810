import { reach } from "./tilting.ts";
import type { Factor } from "./unit-model.ts";

/** Table cells × values that the search may visit (about 0.2 s). */
const MOST_WORK = 50_000_000;

/**
 * The least sum of n units that is at least k, for a law on the integers; k itself where the table would be too large.
 *
 * A lattice may have holes: with weights 3 and 5 the sums 1, 2, 4 and 7 never occur.
 */
export function leastAttainable(factors: readonly Factor[], n: number, k: number): number {
  const top = n * reach(factors);
  const width = factors.reduce((sum, { values }) => sum + values.length, 0);
  if (top * width > MOST_WORK) return k;
  let reached = new Uint8Array(top + 1);
  reached[0] = 1;
  for (const { values, count } of factors) {
    // Fewest non-zero draws of this factor that lift an already reached sum to i; 0 is always among its values.
    const copies = n * count;
    const draws = new Float64Array(top + 1).fill(Number.POSITIVE_INFINITY);
    for (let i = 0; i <= top; i++) {
      if (reached[i] === 1) draws[i] = 0;
      for (let j = 1; j < values.length; j++) {
        const value = values[j]!;
        if (value <= i) draws[i] = Math.min(draws[i]!, draws[i - value]! + 1);
      }
    }
    reached = Uint8Array.from(draws, (needed) => (needed <= copies ? 1 : 0));
  }
  let found = k;
  while (found < top && reached[found] !== 1) found += 1;
  return found;
}
