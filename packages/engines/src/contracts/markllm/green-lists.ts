import { randpermHead } from "../../generators/torch/draws.ts";
import { torchGenerator } from "../../generators/torch/mt19937.ts";

/** Most memory that the lists of one scheme may take. */
const BUDGET_BYTES = 16 * 2 ** 20;

/** Green lists by seed, the latest kept within a memory budget. */
export interface GreenLists {
  /** True if the lists of all seeds below the vocabulary size fit the budget. */
  readonly holdsAll: boolean;
  /** Whether a token is among the first `size` of the permutation of a seed. */
  has(seedLow32: number, token: number): boolean;
}

/** Lists of `size` of `vocabSize` tokens as bit sets, each the head of `torch.randperm` after its seed. The oldest list goes first. */
export function greenLists(vocabSize: number, size: number): GreenLists {
  const words = Math.ceil(vocabSize / 32);
  const room = Math.max(1, Math.floor(BUDGET_BYTES / (4 * words)));
  const generator = torchGenerator(0);
  const kept = new Map<number, Uint32Array>();
  let lastSeed = -1;
  let last: Uint32Array = new Uint32Array(0);

  function draw(seed: number): Uint32Array {
    let bits: Uint32Array;
    if (kept.size < room) bits = new Uint32Array(words);
    else {
      const [oldest, list] = kept.entries().next().value as [number, Uint32Array];
      kept.delete(oldest);
      bits = list.fill(0);
    }
    generator.seed(seed);
    for (const token of randpermHead(generator, vocabSize, size)) bits[token >>> 5]! |= 1 << (token & 31);
    kept.set(seed, bits);
    return bits;
  }

  return Object.freeze({
    holdsAll: vocabSize <= room,
    has(seedLow32: number, token: number): boolean {
      const seed = seedLow32 >>> 0;
      if (seed !== lastSeed) {
        last = kept.get(seed) ?? draw(seed);
        lastSeed = seed;
      }
      return ((last[token >>> 5]! >>> (token & 31)) & 1) === 1;
    },
  });
}
