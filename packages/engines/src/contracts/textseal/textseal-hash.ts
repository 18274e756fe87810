import type { TokenSequence } from "@tokenmark/core";
import { add, type Int64, int64, multiply, setInteger } from "../../generators/int64.ts";
import { numpyLog32 } from "../../generators/numpy/float32-log.ts";

/** Values of a hash: 0 … 8190. */
export const HASH_VALUES = 8191;
/** One prime a place in the window, so the window has ten ids at most. */
const PLACES = [10000019, 10000247, 10000439, 10000643, 10000747, 10000867, 10000993, 10001213, 10001357, 10001501];
/** Widest window. */
export const MOST_NGRAM: number = PLACES.length;

const TOKEN = int64(100000007n);
const KEY = 500001713n;
const [FIRST, SECOND] = [int64(15485863n), int64(40499n)];

/** Hashes of candidates after a window: load it, then ask. */
export interface TextsealHash {
  load(tokens: TokenSequence, from: number, count: number): void;
  /** A window of one integer of 64 bits, such as a nonce. */
  loadWide(value: bigint): void;
  /** 0 … 8190. */
  hash(token: number): number;
  /** The window's weighted sum, all that a hash sees of it, as two words at `at`. */
  identity(into: Uint32Array, at: number): void;
}

/** TextSeal's 13-bit PRF under a signed 64-bit key, in wrapping 64-bit arithmetic. */
export function textsealHash(key: bigint): TextsealHash {
  const keyed = int64(KEY * key);
  const [window, x, term, place] = [int64(), int64(), int64(), int64()];
  return Object.freeze({
    load(tokens: TokenSequence, from: number, count: number): void {
      setInteger(window, 0);
      for (let i = 0; i < count; i++) {
        setInteger(term, tokens[from + i]!);
        setInteger(place, PLACES[i]!);
        multiply(term, term, place);
        add(window, term);
      }
    },
    loadWide(value: bigint): void {
      const { hi, lo } = int64(value * BigInt(PLACES[0]!));
      window.hi = hi;
      window.lo = lo;
    },
    hash(token: number): number {
      setInteger(x, token);
      multiply(x, x, TOKEN);
      add(x, window);
      add(x, keyed);
      multiply(x, x, FIRST);
      multiply(x, x, SECOND);
      // x ^ (x >> 13), the shift arithmetic.
      const low = ((x.lo >>> 13) | (x.hi << 19)) >>> 0;
      return floorRemainder(x.hi ^ (x.hi >> 13), (x.lo ^ low) >>> 0);
    },
    identity(into: Uint32Array, at: number): void {
      into[at] = window.lo;
      into[at + 1] = window.hi;
    },
  });
}

function floorRemainder(hi: number, lo: Int64["lo"]): number {
  const rest = ((hi % HASH_VALUES) * (2 ** 32 % HASH_VALUES) + lo) % HASH_VALUES;
  return rest < 0 ? rest + HASH_VALUES : rest;
}

/** r of a hash in [0, 1), float32. */
export function textsealUniform(hash: number): number {
  return Math.fround(hash / HASH_VALUES);
}

// A hash has 8,191 values: both scores of all of them are cheaper kept than computed a second time.
const SCORES = Float64Array.from({ length: HASH_VALUES }, (_, hash) => -Math.log1p(-hash / HASH_VALUES));
const SCORES32 = Float64Array.from({ length: HASH_VALUES }, (_, hash) => {
  const rest = Math.fround(1 - textsealUniform(hash));
  return hash === 0 ? 0 : -numpyLog32(rest);
});

/** −ln(1 − r) in doubles, at most 9.011. */
export function textsealScore(hash: number): number {
  return SCORES[hash]!;
}

/**
 * −ln(1 − r) in float32 steps, r and 1 − r rounded and the logarithm NumPy's ({@link numpyLog32}): the numbers that the reference
 * adds up. A detector run on PyTorch takes its library's logarithm, which differs in the last bits: 5e-7 a token. From the score in doubles it
 * differs most at the last hash, by 1.2e-4, for there 1 − r itself is rounded; by −4e-8 in the mean.
 */
export function textsealScore32(hash: number): number {
  return SCORES32[hash]!;
}

/** Share of hashes that are green: those with r below γ in float32. */
export function greenHashes(gamma: number): number {
  let count = 0;
  while (count < HASH_VALUES && textsealUniform(count) < Math.fround(gamma)) count++;
  return count;
}
