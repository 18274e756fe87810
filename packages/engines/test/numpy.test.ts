import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, test } from "vitest";
import { numpyLog32 } from "../src/generators/numpy/float32-log.ts";
import { numpySum32 } from "../src/generators/numpy/float32-sum.ts";
import { pcg64 } from "../src/generators/numpy/pcg64.ts";
import { seedSequence } from "../src/generators/numpy/seed-sequence.ts";
import { shuffle } from "../src/generators/numpy/shuffle.ts";

const MASK128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

/** XSL-RR 128/64 in plain bigints. */
function plainWords(state: bigint, increment: bigint, count: number): bigint[] {
  let current = state;
  return Array.from({ length: count }, () => {
    current = (current * MULTIPLIER + increment) & MASK128;
    const folded = (current >> 64n) ^ (current & 0xffffffffffffffffn);
    const turn = current >> 122n;
    return ((folded >> turn) | (folded << (64n - turn))) & 0xffffffffffffffffn;
  });
}

describe("NumPy's default_rng", () => {
  test("10,000 words by 16-bit limbs equal those by bigints, for seeds of one to five words", () => {
    for (const seed of [0n, 1n, 2n ** 32n - 1n, 2n ** 64n + 17n, 2n ** 150n + 3n]) {
      const generator = pcg64(seed);
      const expected = plainWords(generator.state(), generator.increment(), 10_000);
      const word = new Uint32Array(2);
      for (const wanted of expected) {
        generator.next(word);
        expect((BigInt(word[0]!) << 32n) | BigInt(word[1]!)).toBe(wanted);
      }
    }
  });

  test("32-bit draws are the halves of 64-bit words, the low one first", () => {
    const [whole, halves] = [pcg64(5n), pcg64(5n)];
    const word = new Uint32Array(2);
    for (let i = 0; i < 100; i++) {
      whole.next(word);
      expect([halves.next32(), halves.next32()]).toEqual([word[1], word[0]]);
    }
  });

  test("entropy beyond the pool of four words is absorbed, and asking for more words keeps the first", () => {
    expect(seedSequence(2n ** 160n + 5n, 8)).not.toEqual(seedSequence(5n, 8));
    expect(seedSequence(0n, 8)).toEqual(seedSequence(0n, 12).slice(0, 8));
  });

  test("a negative seed is refused", () => {
    expect(() => pcg64(-1n)).toThrow(/seed: wanted 0 or more/);
  });

  test("a shuffle is a permutation, and arrays of 0 and 1 entries draw nothing", () => {
    const array = Int32Array.from({ length: 1000 }, (_, i) => i);
    shuffle(array, pcg64(3n));
    expect(Array.from(array.slice().sort())).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    for (const length of [0, 1]) {
      const generator = pcg64(3n);
      shuffle(new Uint8Array(length), generator);
      expect(generator.state()).toBe(pcg64(3n).state());
    }
  });
});

describe("NumPy's float32 arithmetic", () => {
  test("the logarithm is NumPy's in every bit for all 8,191 arguments 1 − r of TextSeal", () => {
    const logs = Float32Array.from({ length: 8191 }, (_, h) => numpyLog32(Math.fround(1 - Math.fround(h / 8191))));
    // NumPy 1.24.2, AVX2: x = np.float32(1) - (np.arange(8191) / 8191).astype("f4"); sha256(np.log(x).astype("<f4").tobytes())
    expect(bytesToHex(sha256(new Uint8Array(logs.buffer)))).toBe(
      "8441d4be7d4fd35a4571b66b023b52fd456217b6dcf47517a3e27bdddf6e5286",
    );
  });

  test("the logarithm is NumPy's over the whole range, and where NumPy's is 3.83 ULP off", () => {
    // NumPy 1.24.2, AVX2: float(np.log(np.float32(x)))
    const pins: readonly (readonly [number, number])[] = [
      [2 ** -126, -87.3365478515625],
      [1e-10, -23.025850296020508],
      [0.5, -0.6931471824645996],
      [0.7828563, -0.2448062002658844],
      [1, 0],
      [3, 1.0986123085021973],
      [1e30, 69.07755279541016],
    ];
    for (const [x, log] of pins) expect(numpyLog32(Math.fround(x))).toBe(log);
    expect(Math.fround(Math.log(Math.fround(0.7828563)))).not.toBe(numpyLog32(Math.fround(0.7828563)));
  });

  test("the sum is NumPy's in every bit, below, at and above eight values", () => {
    // NumPy 1.24.2: float((1 / np.arange(1, n + 1)).astype("f4").sum())
    const pins: readonly (readonly [number, number])[] = [
      [0, 0],
      [5, 2.2833335399627686],
      [8, 2.7178573608398438],
      [30, 3.9949874877929688],
      [128, 5.433147430419922],
    ];
    for (const [n, sum] of pins) expect(numpySum32(Float32Array.from({ length: n }, (_, i) => 1 / (i + 1)))).toBe(sum);
  });
});
