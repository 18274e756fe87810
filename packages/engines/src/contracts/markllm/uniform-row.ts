import { randFloat32 } from "../../generators/torch/draws.ts";
import { torchGenerator } from "../../generators/torch/mt19937.ts";

/** The float32 uniforms that `torch.rand(vocabSize)` gives after a seed, drawn no further than they are asked for. */
export interface UniformRow {
  /** Chooses a seed; the same one again costs nothing. */
  load(seedLow32: number): void;
  /** The uniform of an index below the vocabulary size. */
  at(index: number): number;
}

/** Makes the room for one row; a row of 50,257 costs about 0.3 ms to draw to its end. */
export function uniformRow(vocabSize: number): UniformRow {
  const generator = torchGenerator(0);
  const row = new Float32Array(vocabSize);
  let loaded = 0;
  let drawn = 0;
  return Object.freeze({
    load(seedLow32: number): void {
      const seed = seedLow32 >>> 0;
      if (seed === loaded) return;
      generator.seed(seed);
      loaded = seed;
      drawn = 0;
    },
    at(index: number): number {
      while (drawn <= index) row[drawn++] = randFloat32(generator);
      return row[index]!;
    },
  });
}

/** `torch.rand` of `length` float32 numbers after a seed. */
export function drawTable(seedLow32: number, length: number): Float32Array {
  const generator = torchGenerator(seedLow32);
  const table = new Float32Array(length);
  for (let i = 0; i < length; i++) table[i] = randFloat32(generator);
  return table;
}
