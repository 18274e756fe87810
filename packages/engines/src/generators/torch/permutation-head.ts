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
 * Draws heads of `torch.randperm(n)` on the CPU (pytorch v1.13.1). Remainders come by a division of doubles, which is as fast as a table of
 * reciprocals and leaves the cache to the entries, where the engine's own `%` of words beyond 2^31 is five times slower: a quotient of a
 * word that is not whole is 2^-24 away from the next whole number at least, so that rounding never reaches it.
 *
 * @param n - 1 to 2^24.
 * @param size - 0 to n.
 */
export function permutationHead(n: number, size: number): PermutationHead {
  const generator = torchGenerator(0);
  // The last entry has nothing to be swapped with.
  const swaps = Math.min(size, n - 1);
  const head = new Int32Array(size);
  const moved = new Int32Array(n);

  // Loops run over locals: V8 reads a closure's variables anew after every store.
  function list(seed: number): Int32Array {
    generator.seed(seed);
    moved.fill(0);
    for (let i = 0; i < swaps; i += BLOCK_WORDS) shuffle(head, moved, generator.block(), i, swaps, n);
    if (size === n) head[n - 1] = moved[n - 1]! ^ (n - 1);
    return head;
  }

  function has(seed: number, token: number): boolean {
    generator.seed(seed);
    let place = token;
    for (let i = 0; i < swaps; i += BLOCK_WORDS) {
      place = follow(place, generator.block(), i, swaps, n);
      if (place === FOUND) return true;
    }
    return place < size;
  }

  const places = new Int32Array(4);
  function hasFour(seed: number, tokens: Int32Array, count: number): number {
    generator.seed(seed);
    for (let t = 0; t < 4; t++) places[t] = t < count ? tokens[t]! : FOUND;
    for (let i = 0; i < swaps; i += BLOCK_WORDS) {
      if (followFour(places, generator.block(), i, swaps, n) === 0) break;
    }
    let answer = 0;
    for (let t = 0; t < count; t++) if (places[t]! < size) answer |= 1 << t;
    return answer;
  }

  return Object.freeze({ n, size, list, has, hasFour });
}

/** Where entry `i` is swapped to: i and the word modulo what is left. */
function swapPlace(word: number, i: number, n: number): number {
  return (i + word - Math.imul((word / (n - i)) | 0, n - i)) | 0;
}

/** The place of an entry that has become one of the head: no index is as small. */
const FOUND = -1;

/**
 * One block's swaps, from index `from` on. `moved` holds each entry exclusive-or its place, so that the untouched permutation is zeros, which are
 * written faster than a count; an entry of the head is not looked at again.
 */
function shuffle(
  head: Int32Array,
  moved: Int32Array,
  words: Uint32Array,
  from: number,
  swaps: number,
  n: number,
): void {
  const end = Math.min(swaps, from + BLOCK_WORDS);
  for (let i = from, at = 0; i < end; i++, at++) {
    const j = swapPlace(words[at]!, i, n);
    const held = moved[i]! ^ i;
    head[i] = moved[j]! ^ j;
    moved[j] = held ^ j;
  }
}

/** Where an entry is after one block's swaps; {@link FOUND} once it has become one of the head. */
function follow(token: number, words: Uint32Array, from: number, swaps: number, n: number): number {
  const end = Math.min(swaps, from + BLOCK_WORDS);
  let place = token;
  for (let i = from, at = 0; i < end; i++, at++) {
    const j = swapPlace(words[at]!, i, n);
    if (j === place) return FOUND;
    if (i === place) place = j;
  }
  return place;
}

/** {@link follow} for four entries; answers how many are still on their way. */
function followFour(places: Int32Array, words: Uint32Array, from: number, swaps: number, n: number): number {
  const end = Math.min(swaps, from + BLOCK_WORDS);
  let [a, b, c, d] = [places[0]!, places[1]!, places[2]!, places[3]!];
  for (let i = from, at = 0; i < end; i++, at++) {
    const j = swapPlace(words[at]!, i, n);
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
