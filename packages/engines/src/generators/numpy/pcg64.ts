import { seedSequence } from "./seed-sequence.ts";

/** 16-bit limbs of a 128-bit number, so that sums of their products stay exact in a double. */
const LIMBS = 8;
const LIMB = 0x10000;
const MULTIPLIER: Float64Array = limbsOf(0x2360ed051fc65da44385df649fccf645n);

function limbsOf(value: bigint): Float64Array {
  return Float64Array.from({ length: LIMBS }, (_, i) => Number((value >> BigInt(16 * i)) & 0xffffn));
}

function integerOf(limbs: Float64Array): bigint {
  return limbs.reduceRight((value, limb) => (value << 16n) | BigInt(limb), 0n);
}

/** NumPy's default bit generator. */
export interface Pcg64 {
  /** The 128-bit state, for comparison with NumPy's. */
  state(): bigint;
  /** The 128-bit odd increment. */
  increment(): bigint;
  /** Draws 64 bits: the high word to `out[0]`, the low one to `out[1]`. */
  next(out: Uint32Array): void;
  /** Draws 32 bits, two to a 64-bit word, the low half first. */
  next32(): number;
}

/**
 * NumPy's `default_rng(seed)`: PCG64, XSL-RR 128/64 (O'Neill 2014, "PCG"), seeded by {@link seedSequence}. Steps cost about 40
 * multiplications: bigints would cost fifty times that.
 *
 * @throws TokenmarkError `bad-argument` for a negative seed.
 */
export function pcg64(seed: bigint): Pcg64 {
  const words = seedSequence(seed, 8);
  // NumPy reads the words as little-endian pairs, and the pairs as (high, low) of start and stream.
  const pair = (i: number): bigint => (BigInt(words[2 * i + 1]!) << 32n) | BigInt(words[2 * i]!);
  const increment = limbsOf((((pair(2) << 64n) | pair(3)) << 1n) | 1n);
  const start = limbsOf((pair(0) << 64n) | pair(1));
  const state = new Float64Array(LIMBS);
  const product = new Float64Array(LIMBS);
  const word = new Uint32Array(2);
  let buffered = false;

  function add(addend: Float64Array): void {
    let carry = 0;
    for (let i = 0; i < LIMBS; i++) {
      const sum = state[i]! + addend[i]! + carry;
      carry = sum >= LIMB ? 1 : 0;
      state[i] = sum - carry * LIMB;
    }
  }

  function step(): void {
    product.set(increment);
    for (let i = 0; i < LIMBS; i++) {
      const limb = state[i]!;
      for (let j = 0; i + j < LIMBS; j++) product[i + j]! += limb * MULTIPLIER[j]!;
    }
    let carry = 0;
    for (let i = 0; i < LIMBS; i++) {
      const sum = product[i]! + carry;
      carry = Math.floor(sum / LIMB);
      state[i] = sum - carry * LIMB;
    }
  }

  function next(out: Uint32Array): void {
    step();
    const low = (state[0]! | (state[1]! << 16)) ^ (state[4]! | (state[5]! << 16));
    const high = (state[2]! | (state[3]! << 16)) ^ (state[6]! | (state[7]! << 16));
    const turn = state[7]! >>> 10;
    const by = turn & 31;
    const a = turn < 32 ? high : low;
    const b = turn < 32 ? low : high;
    out[0] = by === 0 ? a : (a >>> by) | (b << (32 - by));
    out[1] = by === 0 ? b : (b >>> by) | (a << (32 - by));
  }

  step();
  add(start);
  step();

  return Object.freeze({
    state: () => integerOf(state),
    increment: () => integerOf(increment),
    next,
    next32(): number {
      buffered = !buffered;
      if (!buffered) return word[0]!;
      next(word);
      return word[1]!;
    },
  });
}
