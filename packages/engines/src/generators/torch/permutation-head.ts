import { BLOCK_WORDS, torchGenerator } from "./mt19937.ts";

/** The first `size` entries of `torch.randperm(n)` for any seed, without allocation: the green list of the KGW family. */
export interface PermutationHead {
  readonly n: number;
  readonly size: number;
  /** The entries in order, in an array that the next call writes over. */
  list(seedLow32: number): Int32Array;
  /** Whether `list` would hold a token, found by following the one entry through the swaps. */
  has(seedLow32: number, token: number): boolean;
  /** As {@link has} for the first `count` of up to four tokens at once; answers bit i for token i. */
  hasFour(seedLow32: number, tokens: Int32Array, count: number): number;
}

/**
 * Draws heads of `torch.randperm(n)` on the CPU (pytorch v1.13.1). Remainders come by a table of
 * reciprocals, each too large by 2^-50 of itself: a product that should be whole is then no less, and no other product of a word below 2^32
 * reaches the next whole number, so its integer part is the quotient.
 *
 * @param n - 1 to 2^24.
 * @param size - 0 to n.
 */
export function permutationHead(n: number, size: number): PermutationHead {
  const generator = torchGenerator(0);
  // The last entry has nothing to be swapped with.
  const swaps = Math.min(size, n - 1);
  const reciprocals = Float64Array.from({ length: swaps }, (_, i) => (1 + 2 ** -50) / (n - i));
  const identity = Int32Array.from({ length: n }, (_, i) => i);
  const entries = identity.slice();
  const head = entries.subarray(0, size);

  // Loops run over locals: V8 reads a closure's variables anew after every store.
  function list(seed: number): Int32Array {
    generator.seed(seed);
    entries.set(identity);
    for (let i = 0; i < swaps; i += BLOCK_WORDS) shuffle(entries, reciprocals, generator.block(), i, swaps, n);
    return head;
  }

  function has(seed: number, token: number): boolean {
    generator.seed(seed);
    let place = token;
    for (let i = 0; i < swaps; i += BLOCK_WORDS) {
      place = follow(place, reciprocals, generator.block(), i, swaps, n);
      if (place === FOUND) return true;
    }
    return place < size;
  }

  const places = new Int32Array(4);
  function hasFour(seed: number, tokens: Int32Array, count: number): number {
    generator.seed(seed);
    for (let t = 0; t < 4; t++) places[t] = t < count ? tokens[t]! : FOUND;
    for (let i = 0; i < swaps; i += BLOCK_WORDS) {
      if (followFour(places, reciprocals, generator.block(), i, swaps, n) === 0) break;
    }
    let answer = 0;
    for (let t = 0; t < count; t++) if (places[t]! < size) answer |= 1 << t;
    return answer;
  }

  return Object.freeze({ n, size, list, has, hasFour });
}

/** The place of an entry that has become one of the head: no index is as small. */
const FOUND = -1;

/** One block's swaps, from index `from` on. */
function shuffle(
  entries: Int32Array,
  reciprocals: Float64Array,
  words: Uint32Array,
  from: number,
  swaps: number,
  n: number,
): void {
  const end = Math.min(swaps, from + BLOCK_WORDS);
  for (let i = from, at = 0; i < end; i++, at++) {
    const word = words[at]!;
    const j = (i + word - Math.imul(word * reciprocals[i]!, n - i)) | 0;
    const held = entries[i]!;
    entries[i] = entries[j]!;
    entries[j] = held;
  }
}

/** Where an entry is after one block's swaps; {@link FOUND} once it has become one of the head. */
function follow(
  token: number,
  reciprocals: Float64Array,
  words: Uint32Array,
  from: number,
  swaps: number,
  n: number,
): number {
  const end = Math.min(swaps, from + BLOCK_WORDS);
  let place = token;
  for (let i = from, at = 0; i < end; i++, at++) {
    const word = words[at]!;
    const j = (i + word - Math.imul(word * reciprocals[i]!, n - i)) | 0;
    if (j === place) return FOUND;
    if (i === place) place = j;
  }
  return place;
}

/** {@link follow} for four entries; answers how many are still on their way. */
function followFour(
  places: Int32Array,
  reciprocals: Float64Array,
  words: Uint32Array,
  from: number,
  swaps: number,
  n: number,
): number {
  const end = Math.min(swaps, from + BLOCK_WORDS);
  let [a, b, c, d] = [places[0]!, places[1]!, places[2]!, places[3]!];
  for (let i = from, at = 0; i < end; i++, at++) {
    const word = words[at]!;
    const j = (i + word - Math.imul(word * reciprocals[i]!, n - i)) | 0;
    if (j === a) a = FOUND;
    else if (i === a) a = j;
    if (j === b) b = FOUND;
    else if (i === b) b = j;
    if (j === c) c = FOUND;
    else if (i === c) c = j;
    if (j === d) d = FOUND;
    else if (i === d) d = j;
  }
  places[0] = a;
  places[1] = b;
  places[2] = c;
  places[3] = d;
  return Number(a !== FOUND) + Number(b !== FOUND) + Number(c !== FOUND) + Number(d !== FOUND);
}
