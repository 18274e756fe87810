import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { torchOperations } from "../src/conformance/torch-operations.ts";
import { add, int64, int64Value, isLess, multiply, remainder, setInteger } from "../src/generators/int64.ts";
import { foldProduct } from "../src/generators/seed-fold.ts";
import { inRandpermHead, randperm, randpermHead } from "../src/generators/torch/draws.ts";
import { greenLists } from "../src/generators/torch/green-lists.ts";
import { block, nextBlock, startBlocks, torchGenerator } from "../src/generators/torch/mt19937.ts";
import { permutationHead } from "../src/generators/torch/permutation-head.ts";
import { failuresOf } from "./golden-files.ts";

describe("torch's CPU generator", () => {
  it.each(["torch-rng.json", "logits-recipe.json"])("passes all cases of %s", (file) => {
    expect(failuresOf(file, torchOperations)).toEqual([]);
  });

  it("gives the same words singly and by blocks", () => {
    const words: number[] = [];
    startBlocks(42);
    for (let i = 0; i < 3; i++) {
      nextBlock();
      words.push(...block);
    }
    const generator = torchGenerator(42);
    expect(words.map(() => generator.word())).toEqual(words);
  });

  it("keeps each stream to itself, though all are made in one place", () => {
    const [a, b, alone] = [torchGenerator(1), torchGenerator(2), torchGenerator(1)];
    const wanted = Array.from({ length: 2000 }, () => alone.word());
    const got = wanted.map((_, i) => {
      if (i % 3 === 0) b.word();
      if (i % 500 === 0) permutationHead(700, 650).list(i);
      return a.word();
    });
    expect(got).toEqual(wanted);
  });
});

const SHAPES: readonly (readonly [n: number, size: number])[] = [
  [1, 0],
  [1, 1],
  [2, 1],
  [7, 7],
  [60, 15],
  [1000, 570],
  [50257, 12564],
];

describe("the head of a permutation", () => {
  it.each(SHAPES)(
    "of %i, %i of them: list, single membership, four at once and bit sets are the plain permutation's",
    (n, size) => {
      const head = permutationHead(n, size);
      const lists = greenLists(n, size);
      const random = seedrandom(`${n}`);
      for (let seed = 0; seed < 12; seed++) {
        const low = Math.imul(seed, 0x9e3779b1);
        const plain = randperm(torchGenerator(low), n).subarray(0, size);
        expect(head.list(low)).toEqual(plain);
        expect(randpermHead(torchGenerator(low), n, size)).toEqual(plain);
        const green = new Set(plain);
        const tokens = Int32Array.from({ length: 4 }, () => Math.floor(random() * n));
        const wanted = [...tokens].map((token) => green.has(token));
        for (const [i, token] of tokens.entries()) {
          expect(head.has(low, token)).toBe(wanted[i]);
          expect(inRandpermHead(torchGenerator(low), n, size, token)).toBe(wanted[i]);
          expect(lists.has(low, token)).toBe(wanted[i]);
          expect(lists.holds(low, token)).toBe(wanted[i]);
        }
        for (let count = 1; count <= 4; count++) {
          const mask = wanted.slice(0, count).reduce((bits, isGreen, i) => bits | (isGreen ? 1 << i : 0), 0);
          expect(head.hasFour(low, tokens, count)).toBe(mask);
        }
        const [once, again] = [new Float32Array(n), new Float32Array(n)];
        const other = greenLists(n, size);
        other.raise(low, once, 2);
        other.raise(low, again, 2);
        expect(once).toEqual(Float32Array.from({ length: n }, (_, token) => (green.has(token) ? 2 : 0)));
        expect(again).toEqual(once);
      }
    },
  );

  it("answers many pairs as one by one, leaving out what is NaN", () => {
    const random = seedrandom("pairs");
    const count = 3000;
    const pairs = Uint32Array.from({ length: 2 * count }, (_, i) => Math.floor(random() * (i % 2 === 0 ? 200 : 500)));
    const out = Float64Array.from({ length: count }, () => (random() < 0.05 ? Number.NaN : 7));
    const [batch, single] = [greenLists(500, 125), greenLists(500, 125)];
    const before = out.slice();
    batch.answer(pairs, out);
    for (let i = 0; i < count; i++) {
      const wanted = Number.isNaN(before[i]!) ? Number.NaN : Number(single.holds(pairs[2 * i]!, pairs[2 * i + 1]!));
      expect(out[i]).toBe(wanted);
    }
  });

  it("keeps no more lists than its budget holds, and forgets none that it is asked for", () => {
    const lists = greenLists(200_000, 100);
    const head = permutationHead(200_000, 100);
    for (let round = 0; round < 2; round++) {
      for (let seed = 0; seed < 800; seed++) expect(lists.holds(seed, head.list(seed)[5]!)).toBe(true);
    }
  });
});

describe("64-bit integers in two words", () => {
  const random = seedrandom("int64");
  const word = (): bigint => BigInt(Math.floor(random() * 2 ** 32));
  const values = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 0xffffffffn, -(2n ** 32n)];
  for (let i = 0; i < 300; i++) values.push(BigInt.asIntN(64, (word() << 32n) | word()));

  it("multiply, add, compare and divide as bigints that wrap", () => {
    for (let i = 1; i < values.length; i++) {
      const [a, b] = [values[i - 1]!, values[i]!];
      const into = int64();
      multiply(into, int64(a), int64(b));
      expect(int64Value(into)).toBe(BigInt.asIntN(64, a * b));
      const sum = int64(a);
      add(sum, int64(b));
      expect(int64Value(sum)).toBe(BigInt.asIntN(64, a + b));
      expect(isLess(int64(a), int64(b))).toBe(a < b);
      expect(BigInt(remainder(int64(a), 1_000_003))).toBe(((a % 1_000_003n) + 1_000_003n) % 1_000_003n);
    }
    for (const value of [0, 1, 2 ** 31, 2 ** 32, 2 ** 52 + 12345, -7, -(2 ** 40)]) {
      const into = int64();
      setInteger(into, value);
      expect(int64Value(into)).toBe(BigInt(value));
    }
  });

  it("fold a product modulo 2^64 - 1 as Python does, negatives and multiples of the modulus included", () => {
    const modulus = 2n ** 64n - 1n;
    const seed = { lo: 0, hi: 0 };
    const pairs = values.map((value, i) => [value, values[(i * 7 + 3) % values.length]!] as const);
    // 2^64 - 1 = (2^32 - 1)(2^32 + 1).
    for (const [a, b] of [...pairs, [2n ** 32n - 1n, 2n ** 32n + 1n], [-(2n ** 32n) + 1n, 2n ** 32n + 1n]] as const) {
      foldProduct(seed, int64(a), int64(b));
      expect((BigInt(seed.hi) << 32n) | BigInt(seed.lo)).toBe((((a * b) % modulus) + modulus) % modulus);
    }
  });
});
