import { randperm } from "../../generators/torch/draws.ts";
import { torchGenerator } from "../../generators/torch/mt19937.ts";

/** Entries of the table: a prime beyond a million. */
export const TABLE_SIZE: number = 1_000_003;
/** Tables that are kept: each has 4 MB and takes some 10 ms to draw. */
const MOST_KEPT = 4;
const kept = new Map<number, Int32Array>();

/** `torch.randperm(1000003)` after a seed's low 32 bits: the table in which the KGW code bases look integers up. */
export function hashTable(seedLow32: number): Int32Array {
  const seed = seedLow32 >>> 0;
  let table = kept.get(seed);
  if (table === undefined) {
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
    table = randperm(torchGenerator(seed), TABLE_SIZE);
    kept.set(seed, table);
  }
  return table;
}
