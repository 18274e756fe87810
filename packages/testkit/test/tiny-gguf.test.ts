import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { writeGguf } from "../src/gguf/gguf-file.ts";
import { createTinyVocabulary } from "../src/gguf/tiny-vocabulary.ts";
import { writeTinyGguf } from "../src/index.ts";

// That llama.cpp loads the whole file and speaks its vocabulary is tested in packages/logit-api/test/node-llama-cpp.test.ts.
describe("a GGUF file", () => {
  it("has, byte for byte, the layout of the format's version 3 (ggml, docs/gguf.md)", () => {
    const file = writeGguf({ k: { type: "uint32", value: 7 } }, [
      { name: "t", shape: [2], data: Float32Array.of(1, -2) },
      { name: "u", shape: [1, 1], data: Float32Array.of(0.5) },
    ]);
    const u32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
    const u64 = (value: number) => [...u32(value), 0, 0, 0, 0];
    const text = (value: string) => [...u64(value.length), ...new TextEncoder().encode(value)];
    const head = [
      ...new TextEncoder().encode("GGUF"),
      ...u32(3),
      ...u64(2),
      ...u64(1),
      ...[...text("k"), ...u32(4), ...u32(7)],
      ...[...text("t"), ...u32(1), ...u64(2), ...u32(0), ...u64(0)],
      ...[...text("u"), ...u32(2), ...u64(1), ...u64(1), ...u32(0), ...u64(32)],
    ];
    while (head.length % 32 !== 0) head.push(0);
    const one = [...u32(0x3f800000), ...u32(0xc0000000), ...new Array(24).fill(0)];
    const two = [...u32(0x3f000000), ...new Array(28).fill(0)];
    expect([...file]).toEqual([...head, ...one, ...two]);
  });

  it("of the tiny model is under 1 MB and decided by its seed", () => {
    const file = writeTinyGguf({ seed: "a" });
    expect(file.length).toBeLessThan(2 ** 20);
    expect(Buffer.compare(writeTinyGguf({ seed: "a" }), file)).toBe(0);
    expect(Buffer.compare(writeTinyGguf({ seed: "b" }), file)).not.toBe(0);
  });
});

describe("the tiny vocabulary", () => {
  const vocabulary = createTinyVocabulary(512, seedrandom("v"));

  it("has no token twice, and scores that fall with the id", () => {
    expect(new Set(vocabulary.pieces).size).toBe(512);
    for (let id = vocabulary.firstPiece + 1; id < 512; id++)
      expect(vocabulary.scores[id]).toBeLessThan(vocabulary.scores[id - 1]!);
  });

  it("can build every word piece from two pieces before it", () => {
    const letters = 34;
    const before = new Set(vocabulary.pieces.slice(vocabulary.firstPiece, vocabulary.firstPiece + letters));
    expect([...before].every((piece) => piece.length === 1)).toBe(true);
    for (const piece of vocabulary.pieces.slice(vocabulary.firstPiece + letters)) {
      const cuts = Array.from({ length: piece.length - 1 }, (_, i) => [piece.slice(0, i + 1), piece.slice(i + 1)]);
      expect(cuts.some(([left, right]) => before.has(left!) && before.has(right!))).toBe(true);
      before.add(piece);
    }
  });
});
