import type { TokenSequence } from "@tokenmark/core";
import { add, type Int64, int64, isLess, multiply, setInteger } from "../../generators/int64.ts";
import { philox4x32 } from "../../generators/philox.ts";

/** SBW's two ways of seeding. */
export const SBW_SEEDINGS = ["selfhash", "lefthash"] as const;
/** Name of a way of seeding. */
export type SbwSeeding = (typeof SBW_SEEDINGS)[number];
/** Whose rule: the heads read differ between generator and detector, for lefthash. */
export type SbwRule = "generator" | "detector";

/** vLLM's integer hash of an id, signed 32 bits; −1 gives 0. */
export function sbwHash(id: number): number {
  let i = (id + 1) | 0;
  i = (i - (i << 6)) | 0;
  i ^= i >> 17;
  i = (i - (i << 9)) | 0;
  i ^= i << 4;
  i = (i - (i << 3)) | 0;
  i ^= i << 10;
  return i ^ (i >> 15);
}

/** Seeds and words of a context: load it, then ask about tokens. */
export interface SbwHash {
  load(tokens: TokenSequence, from: number, count: number): void;
  /** The seed that decides about a token; of lefthash the same for all. Valid until the next call. */
  seed(token: number): Int64;
  /** 31 bits, below the threshold if the token is green. */
  word31(token: number): number;
  /** What all seeds of the loaded context depend on: neither the oldest id of a selfhash context nor the others' order. */
  identity(into: Uint32Array, at: number): void;
}

/** The seeds of SBW (vLLM PR 56859) under a signed 64-bit key. */
export function sbwHashOf(key: bigint, seeding: SbwSeeding, rule: SbwRule): SbwHash {
  const k = int64(key);
  const [seed, own, term, sum] = [int64(), int64(), int64(), int64()];
  let hashes: number[] = [];
  const block = new Uint32Array(4);

  function seedOf(token: number): Int64 {
    if (seeding === "lefthash") return seed;
    setInteger(own, sbwHash(token));
    multiply(term, k, own);
    // key · h(t) is the same for all: products of it with every hash of the context and with the token's own.
    multiply(seed, term, own);
    for (const hash of hashes) {
      setInteger(sum, hash);
      multiply(sum, sum, term);
      if (isLess(sum, seed)) {
        seed.hi = sum.hi;
        seed.lo = sum.lo;
      }
    }
    return seed;
  }
  return Object.freeze({
    load(tokens: TokenSequence, from: number, count: number): void {
      if (seeding === "selfhash") {
        hashes = Array.from({ length: Math.max(0, count - 1) }, (_, i) => sbwHash(tokens[from + 1 + i]!));
        return;
      }
      setInteger(sum, 0);
      for (let i = from; i < from + count; i++) {
        setInteger(term, rule === "detector" ? sbwHash(tokens[i]!) : tokens[i]!);
        add(sum, term);
      }
      multiply(seed, k, sum);
    },
    seed: seedOf,
    word31(token: number): number {
      const { hi, lo } = seedOf(token);
      philox4x32(token >>> 2, 0, 0, 0, lo, hi, block);
      return block[token & 3]! & 0x7fffffff;
    },
    identity(into: Uint32Array, at: number): void {
      if (seeding === "lefthash") {
        into[at] = seed.lo;
        into[at + 1] = seed.hi;
        return;
      }
      into[at] = into[at + 1] = 0;
      for (const hash of new Set(hashes)) {
        into[at] = into[at]! + hash;
        into[at + 1] = into[at + 1]! + Math.imul(hash ^ (hash >>> 15), 0x9e3779b1);
      }
    },
  });
}

/** Words below this are green. */
export function sbwThreshold(gamma: number): number {
  return Math.floor(gamma * 0x7fffffff);
}
