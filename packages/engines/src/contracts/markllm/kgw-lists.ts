import type { TokenSequence } from "@tokenmark/core";
import { inRandpermHead, randperm, randpermHead } from "../../generators/torch/draws.ts";
import { greenLists } from "../../generators/torch/green-lists.ts";
import { torchGenerator } from "../../generators/torch/mt19937.ts";
import { type ContextNumber, contextNumber, type FScheme, floorModulo } from "./context-hash.ts";

/** Names of MarkLLM's `window_scheme`. */
export const WINDOW_SCHEMES = ["left", "self"] as const;
/** Whether the candidate takes part in seeding its own list. */
export type WindowScheme = (typeof WINDOW_SCHEMES)[number];

/** What MarkLLM's green lists are drawn from. */
export interface MarkllmListSetting {
  readonly hashKey: bigint;
  readonly gamma: number;
  readonly prefixLength: number;
  readonly vocabSize: number;
  readonly fScheme: FScheme;
  readonly windowScheme: WindowScheme;
}

/** MarkLLM's lists for one setting. */
export interface MarkllmLists {
  /** The permutation of the key that context numbers are looked up in. */
  readonly table: Int32Array;
  /** Tokens on a list: ⌊γV⌋ of the double product. */
  readonly size: number;
  readonly f: ContextNumber;
  /** The seed that decides about a token after a context of number f: below the vocabulary size, so only so many lists exist. */
  seedOf(f: number, token: number): number;
  isGreen(f: number, token: number): boolean;
  /** The whole list: in the order of the permutation (left), or ascending (self, V permutations). */
  list(f: number): Int32Array;
}

/** (key · f) mod V where the product wraps at 64 bits, signed, as a torch tensor's does. No bigints: f is below 2^24. */
function keyedSeed(key: bigint, vocabSize: number): (f: number) => number {
  const bits = BigInt.asUintN(64, key);
  const [k0, k1, k2, k3] = [0n, 16n, 32n, 48n].map((shift) => Number((bits >> shift) & 0xffffn)) as [
    number,
    number,
    number,
    number,
  ];
  const wrap = 2 ** 32 % vocabSize;
  let lastF = 0;
  let last = 0;
  return (f) => {
    if (f === lastF) return last;
    const a = k0 * f;
    const b = k1 * f + Math.floor(a / 65536);
    const c = k2 * f + Math.floor(b / 65536);
    const d = k3 * f + Math.floor(c / 65536);
    const low = (b % 65536) * 65536 + (a % 65536);
    const high = ((d % 65536) * 65536 + (c % 65536)) | 0;
    lastF = f;
    last = (floorModulo(high, vocabSize) * wrap + (low % vocabSize)) % vocabSize;
    return last;
  };
}

/**
 * MarkLLM's KGW lists (112fa7419b11, kgw.py): a context becomes f by the table of the key; `left` draws one list from (key·f) mod V,
 * `self` calls token k green if it is on the list of (f·table[k]) mod V.
 */
export function markllmLists(setting: MarkllmListSetting): MarkllmLists {
  const { hashKey, gamma, vocabSize, fScheme, windowScheme } = setting;
  const size = Math.trunc(vocabSize * gamma);
  const table = randperm(torchGenerator(Number(BigInt.asIntN(32, hashKey))), vocabSize);
  const keyed = keyedSeed(hashKey, vocabSize);
  const generator = torchGenerator(0);
  const lists = greenLists(vocabSize, size);
  const self = windowScheme === "self";
  const whole = !self || lists.holdsAll;

  const seedOf = (f: number, token: number): number => (self ? (f * table[token]!) % vocabSize : keyed(f));

  function isGreen(f: number, token: number): boolean {
    const seed = seedOf(f, token);
    if (whole) return lists.holds(seed, token);
    generator.seed(seed);
    return inRandpermHead(generator, vocabSize, size, token);
  }

  function list(f: number): Int32Array {
    if (self) return Int32Array.from(table.keys()).filter((token) => isGreen(f, token));
    generator.seed(keyed(f));
    return randpermHead(generator, vocabSize, size);
  }

  return Object.freeze({ table, size, f: contextNumber(fScheme, table), seedOf, isGreen, list });
}

/** What MarkLLM's detector makes of a text. */
export interface MarkllmFlags {
  /** 1 green, 0 not, −1 for the first `prefixLength` tokens, which nothing seeds. */
  readonly flags: readonly number[];
  readonly green: number;
  readonly scored: number;
}

/** MarkLLM's detector: every position from the `prefixLength`-th on, repeats included. */
export function markllmFlags(lists: MarkllmLists, prefixLength: number, tokens: TokenSequence): MarkllmFlags {
  const flags = Array.from({ length: tokens.length }, (_, at) => {
    if (at < prefixLength) return -1;
    return lists.isGreen(lists.f(tokens, at - prefixLength, prefixLength), tokens[at]!) ? 1 : 0;
  });
  const green = flags.filter((flag) => flag === 1).length;
  return { flags, green, scored: Math.max(0, tokens.length - prefixLength) };
}
