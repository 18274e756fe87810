import type { TokenSequence } from "@tokenmark/core";
import { checkInVocabulary } from "../unigram/check-vocabulary.ts";

/** Remainder in 0 … m − 1, as Python's. */
export function floorModulo(value: number, m: number): number {
  const rest = value % m;
  return rest < 0 ? rest + m : rest;
}

/** Product of a context's token ids modulo the vocabulary size: one token 0 makes it 0. `vocabSize` at most 2^24. */
export function productModulo(tokens: TokenSequence, from: number, count: number, vocabSize: number): number {
  let product = 1;
  for (let i = from; i < from + count; i++) product = (product * floorModulo(tokens[i]!, vocabSize)) % vocabSize;
  return product % vocabSize;
}

/** Sum of a context's token ids. */
export function tokenSum(tokens: TokenSequence, from: number, count: number): number {
  let sum = 0;
  for (let i = from; i < from + count; i++) sum += tokens[i]!;
  return sum;
}

/** Names of MarkLLM's `f_scheme`. */
export const F_SCHEMES = ["time", "additive", "skip", "min"] as const;
/** How MarkLLM's KGW turns a context into one number. */
export type FScheme = (typeof F_SCHEMES)[number];

/** The number f of a context, below the vocabulary size. */
export type ContextNumber = (tokens: TokenSequence, from: number, count: number) => number;

/**
 * f of the last h tokens, looked up in the table of the key: product modulo V, sum modulo V, the token h places back, or the least
 * entry of all (MarkLLM at 112fa7419b11, kgw.py).
 *
 * @throws TokenmarkError `vocabulary-mismatch` from `skip` and `min` for a context token beyond the table.
 */
export function contextNumber(scheme: FScheme, table: Int32Array): ContextNumber {
  const vocabSize = table.length;
  const entry = (token: number): number => {
    checkInVocabulary(token, vocabSize);
    return table[floorModulo(token, vocabSize)]!;
  };
  const numbers: Readonly<Record<FScheme, ContextNumber>> = {
    time: (tokens, from, count) => table[productModulo(tokens, from, count, vocabSize)]!,
    additive: (tokens, from, count) => table[floorModulo(tokenSum(tokens, from, count), vocabSize)]!,
    skip: (tokens, from) => entry(tokens[from]!),
    min(tokens, from, count) {
      let least = vocabSize;
      for (let i = from; i < from + count; i++) least = Math.min(least, entry(tokens[i]!));
      return least;
    },
  };
  return numbers[scheme];
}
