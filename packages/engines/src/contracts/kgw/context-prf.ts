import type { TokenSequence } from "@tokenmark/core";
import { add, type Int64, int64, int64Value, isLess, multiply, remainder, setInteger } from "../../generators/int64.ts";
import { type FoldedSeed, foldProduct } from "../../generators/seed-fold.ts";
import { TABLE_SIZE } from "./hash-table.ts";

/** The context functions of lm-watermarking, without the `_prf` at the end. */
export const PRF_NAMES = [
  "multiplicative",
  "additive",
  "minfunc",
  "simple_skip",
  "skipgram",
  "anchored_skipgram",
  "minhash",
  "anchored_minhash",
  "minskipgram",
  "noncomm",
  "position",
] as const;
/** Name of a context function. */
export type PrfName = (typeof PRF_NAMES)[number];

/** What a context function works with. */
export interface PrfSetting {
  readonly name: PrfName;
  /** Signed, 64 bits. */
  readonly key: bigint;
  /** A permutation of 1,000,003 for the functions that look integers up. */
  readonly table: () => Int32Array;
}

/** A context function: load a context, then read its seed. */
export interface ContextPrf {
  /** Computes the value of `count` tokens, oldest first, the candidate last where it takes part. */
  load(tokens: TokenSequence, from: number, count: number): void;
  /** Low 32 bits of the seed, all that torch's CPU generator sees of it; unsigned. */
  low32(): number;
  /** High 32 bits of the seed. */
  high32(): number;
  /** The value before it is reduced to a seed, for printing. */
  value(): bigint;
}

type Step = (tokens: TokenSequence, from: number, count: number) => void;

/**
 * The context functions of lm-watermarking (fb602de9f5ac, alternative_prf_schemes.py; Kirchenbauer et al. 2024) in wrapping 64-bit arithmetic;
 * the value modulo 2^64 − 1, never negative, seeds a list. Two functions end in a product that Python does not wrap.
 */
export function contextPrf({ name, key, table: tableOf }: PrfSetting): ContextPrf {
  const k = int64(key);
  const one = int64(1n);
  /** The value is left · right. */
  const left = int64();
  let right = one;
  const [a, b, best] = [int64(), int64(), int64()];
  const seed: FoldedSeed = { lo: 0, hi: 0 };

  /** into = the table's entry of x, plus one. */
  function look(into: Int64, x: Int64): void {
    setInteger(into, tableOf()[remainder(x, TABLE_SIZE)]! + 1);
  }
  /** into = the entry of key · token. */
  function lookKeyed(into: Int64, token: number): void {
    setInteger(into, token);
    multiply(into, k, into);
    look(into, into);
  }
  function copy(into: Int64, from: Int64): void {
    into.hi = from.hi;
    into.lo = from.lo;
  }
  function keepLeast(at: number, value: Int64): void {
    if (at === 0 || isLess(value, best)) copy(best, value);
  }
  /** Of plain integers, the value being key · integer. */
  function byKey(compute: Step): Step {
    return (tokens, from, count) => {
      compute(tokens, from, count);
      right = k;
    };
  }

  const steps: Readonly<Record<PrfName, Step>> = {
    multiplicative: byKey((tokens, from, count) => {
      setInteger(left, 1);
      for (let i = 0; i < count; i++) {
        setInteger(a, tokens[from + i]!);
        multiply(left, left, a);
      }
    }),
    additive: byKey((tokens, from, count) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += tokens[from + i]!;
      setInteger(left, sum);
    }),
    minfunc: byKey((tokens, from, count) => {
      let least = tokens[from]!;
      for (let i = 1; i < count; i++) least = Math.min(least, tokens[from + i]!);
      setInteger(left, least);
    }),
    simple_skip(tokens, from, count) {
      setInteger(left, 1);
      for (let i = 0; i < count; i += 2) {
        lookKeyed(a, tokens[from + i]!);
        multiply(left, left, a);
      }
    },
    skipgram(tokens, from) {
      lookKeyed(left, tokens[from]!);
    },
    anchored_skipgram(tokens, from, count) {
      lookKeyed(left, tokens[from]!);
      lookKeyed(a, tokens[from + count - 1]!);
      multiply(left, left, a);
    },
    minhash(tokens, from, count) {
      for (let i = 0; i < count; i++) {
        lookKeyed(a, tokens[from + i]!);
        keepLeast(i, a);
      }
      copy(left, best);
    },
    anchored_minhash(tokens, from, count) {
      setInteger(b, tokens[from + count - 1]!);
      look(b, b);
      for (let i = 0; i < count; i++) {
        setInteger(a, tokens[from + i]!);
        look(a, a);
        multiply(a, k, a);
        multiply(a, a, b);
        keepLeast(i, a);
      }
      copy(left, best);
    },
    minskipgram(tokens, from, count) {
      let pairs = 0;
      for (let i = 0; i < count; i++) {
        for (let j = i + 1; j < count; j++) {
          lookKeyed(a, tokens[from + i]!);
          lookKeyed(b, tokens[from + j]!);
          multiply(a, a, b);
          keepLeast(pairs++, a);
        }
      }
      copy(left, best);
    },
    noncomm(tokens, from, count) {
      copy(left, k);
      for (let i = 0; i < count; i++) {
        setInteger(a, tokens[from + i]!);
        multiply(a, left, a);
        look(a, a);
        multiply(left, left, a);
        left.hi = 0;
      }
    },
    position(tokens, from, count) {
      setInteger(left, 0);
      for (let i = 0; i < count; i++) {
        setInteger(a, tokens[from + i]!);
        multiply(a, k, a);
        setInteger(b, i + 1);
        multiply(a, a, b);
        add(left, a);
      }
    },
  };
  const step = steps[name];
  return Object.freeze({
    load(tokens: TokenSequence, from: number, count: number): void {
      right = one;
      step(tokens, from, count);
      foldProduct(seed, left, right);
    },
    low32: () => seed.lo,
    high32: () => seed.hi,
    value: () => int64Value(left) * int64Value(right),
  });
}
