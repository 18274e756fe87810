import { add, type Int64, int64, multiply } from "../../generators/int64.ts";

const MULTIPLIER = 6364136223846793005n;
const factor = int64(MULTIPLIER);
const one = int64(1n);

/** Folds a value into a hash in place: (h + d) · 6364136223846793005 + 1, wrapped to 64 bits (synthid-text, hashing_function.py). */
export function accumulate(hash: Int64, data: Int64): void {
  add(hash, data);
  multiply(hash, hash, factor);
  add(hash, one);
}

/** The low 16 bits of the multiplier: no bit of a hash depends on a higher one. */
export const MULTIPLIER_LOW16: number = Number(MULTIPLIER & 0xffffn);
