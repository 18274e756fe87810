import type { TokenSequence } from "@tokenmark/core";

const MODULUS = 2n ** 64n - 1n;

function limbsOf(value: bigint): Float64Array {
  const reduced = ((value % MODULUS) + MODULUS) % MODULUS;
  return Float64Array.from({ length: 4 }, (_, i) => Number((reduced >> BigInt(16 * i)) & 0xffffn));
}

/** The `hash` seeding of one key. */
export interface WindowSeed {
  /** Hashes the window `tokens[from … from + count − 1]`. */
  load(tokens: TokenSequence, from: number, count: number): void;
  /** The low 32 bits of the seed: all that torch's CPU generator takes of it, so two windows that share them have one list. */
  low32(): number;
  /** The high 32 bits, for comparison with the engine's seed. */
  high32(): number;
}

/**
 * Three Bricks' seed of a context window: s ← (s·salt + id) mod (2^64 − 1) from s = key on, oldest token first (Fernandez et al. 2023;
 * facebookresearch/three_bricks at ee9c7a286bd1 by its specification).
 *
 * Four limbs of 16 bits: since 2^64 = 1 in this modulus, a product is the cyclic convolution of the limbs, and sums stay exact in
 * a double. Token ids of 0 or more.
 */
export function windowSeed(key: bigint, salt: bigint): WindowSeed {
  const start = limbsOf(key);
  const [m0, m1, m2, m3] = limbsOf(salt) as unknown as readonly [number, number, number, number];
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;

  return Object.freeze({
    load(tokens: TokenSequence, from: number, count: number): void {
      a = start[0]!;
      b = start[1]!;
      c = start[2]!;
      d = start[3]!;
      for (let i = from; i < from + count; i++) {
        const token = tokens[i]!;
        let p = a * m0 + b * m3 + c * m2 + d * m1 + (token & 0xffff);
        let q = a * m1 + b * m0 + c * m3 + d * m2 + (token >>> 16);
        let r = a * m2 + b * m1 + c * m0 + d * m3;
        let s = a * m3 + b * m2 + c * m1 + d * m0;
        let carry = 0;
        do {
          p += carry;
          q += Math.floor(p / 65536);
          r += Math.floor(q / 65536);
          s += Math.floor(r / 65536);
          carry = Math.floor(s / 65536);
          p %= 65536;
          q %= 65536;
          r %= 65536;
          s %= 65536;
        } while (carry > 0);
        // All ones is the modulus itself.
        const full = p + q + r + s === 4 * 65535;
        a = full ? 0 : p;
        b = full ? 0 : q;
        c = full ? 0 : r;
        d = full ? 0 : s;
      }
    },
    low32: () => b * 65536 + a,
    high32: () => d * 65536 + c,
  });
}
