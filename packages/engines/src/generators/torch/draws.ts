import type { TorchGenerator } from "./mt19937.ts";

/**
 * `torch.randint(low, low + range)` of one element, plain modulo without rejection: of one word, or of two, the high one first, for a range of
 * 2^32 to 2^53.
 */
export function randint(generator: TorchGenerator, low: number, range: number): number {
  if (range < 0x100000000) return low + (generator.word() % range);
  const high = BigInt(generator.word()) << 32n;
  return low + Number((high | BigInt(generator.word())) % BigInt(range));
}

/** One element of float32 `torch.rand`: the low 24 bits of a word, over 2^24. */
export function randFloat32(generator: TorchGenerator): number {
  return (generator.word() & 0xffffff) / 0x1000000;
}

/** One element of float64 `torch.rand`: the low 53 bits of two words, the high word first, over 2^53. */
export function randFloat64(generator: TorchGenerator): number {
  const high = generator.word() & 0x1fffff;
  return (high * 0x100000000 + generator.word()) / 0x20000000000000;
}

/** `torch.randperm(n)`: a forward Fisher–Yates shuffle by modulo. */
export function randperm(generator: TorchGenerator, n: number): Int32Array {
  const array = ascending(n);
  shuffleHead(generator, array, n - 1);
  return array;
}

/** The first `k` entries of `torch.randperm(n)`, which are final after `k` swaps; leaves the generator after them. */
export function randpermHead(generator: TorchGenerator, n: number, k: number): Int32Array {
  const array = ascending(n);
  shuffleHead(generator, array, Math.min(k, n - 1));
  return array.slice(0, k);
}

function ascending(n: number): Int32Array {
  const array = new Int32Array(n);
  for (let i = 0; i < n; i++) array[i] = i;
  return array;
}

function shuffleHead(generator: TorchGenerator, array: Int32Array, swaps: number): void {
  const n = array.length;
  for (let i = 0; i < swaps; i++) {
    const j = i + (generator.word() % (n - i));
    const held = array[i]!;
    array[i] = array[j]!;
    array[j] = held;
  }
}

/** Whether `token` is among the first `k` entries of `torch.randperm(n)`, without the array: follows the one entry through the swaps. */
export function inRandpermHead(generator: TorchGenerator, n: number, k: number, token: number): boolean {
  let at = token;
  for (let i = 0; i < k && i < n - 1; i++) {
    const j = i + (generator.word() % (n - i));
    if (j === at) return true;
    if (at === i) at = j;
  }
  return at < k;
}
