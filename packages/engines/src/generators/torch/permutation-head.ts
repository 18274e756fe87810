import { block, nextBlock, startBlocks } from "./mt19937.ts";

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
 * Draws heads of `torch.randperm(n)` on the CPU (pytorch v1.13.1).
 *
 * @param n - 1 to 2^24.
 * @param size - 0 to n.
 */
export function permutationHead(n: number, size: number): PermutationHead {
  // The last entry has nothing to be swapped with.
  const swaps = Math.min(size, n - 1);
  const head = new Int32Array(size);
  const moved = new Int32Array(n);

  function list(seed: number): Int32Array {
    startBlocks(seed);
    moved.fill(0);
    for (let i = 0; i < swaps; i += BLOCK_WORDS) {
      nextBlock();
      findPlaces(i, n);
      shuffle(head, moved, i, Math.min(BLOCK_WORDS, swaps - i));
    }
    if (size === n) head[n - 1] = moved[n - 1]! ^ (n - 1);
    return head;
  }

  function has(seed: number, token: number): boolean {
    startBlocks(seed);
    let place = token;
    for (let i = 0; i < swaps; i += BLOCK_WORDS) {
      nextBlock();
      place = follow(place, i, Math.min(BLOCK_WORDS, swaps - i), n);
      if (place === FOUND) return true;
    }
    return place < size;
  }

  function hasFour(seed: number, tokens: Int32Array, count: number): number {
    startBlocks(seed);
    for (let t = 0; t < 4; t++) four[t] = t < count ? tokens[t]! : FOUND;
    for (let i = 0; i < swaps; i += BLOCK_WORDS) {
      nextBlock();
      if (followFour(i, Math.min(BLOCK_WORDS, swaps - i), n) === 0) break;
    }
    let answer = 0;
    for (let t = 0; t < count; t++) if (four[t]! < size) answer |= 1 << t;
    return answer;
  }

  return Object.freeze({ n, size, list, has, hasFour });
}

/** The place of an entry that has become one of the head: no index is as small. */
const FOUND = -1;

// As in the generator, constants of the module: a second vocabulary must not make the first one's loops slower.
const words: Uint32Array = block;
const BLOCK_WORDS = 624;
const places = new Int32Array(BLOCK_WORDS);
const four = new Int32Array(4);

/**
 * Where entry i is swapped to, `left` = n − i being left: i and the word modulo that. A division of doubles finds it, as fast as a table of
 * reciprocals, which would take the cache from the entries, and five times as fast as `%` of words beyond 2^31. A quotient that is not whole is
 * 2^-24 away from the next whole number at least, so that rounding never reaches it.
 */
function swapPlace(word: number, i: number, left: number): number {
  return (i + (((word | 0) - Math.imul((word / left) | 0, left)) | 0)) | 0;
}

/** {@link swapPlace} for a block of entries from index `from` on. In a loop of its own, so that {@link shuffle} knows early where it will look. */
function findPlaces(from: number, n: number): void {
  let i = from | 0;
  let left = (n - from) | 0;
  for (let at = 0; at < BLOCK_WORDS; at++) {
    places[at] = swapPlace(words[at]!, i, left);
    i = (i + 1) | 0;
    left = (left - 1) | 0;
  }
}

/**
 * The first `count` swaps of a block, from index `from` on. `moved` holds each entry exclusive-or its place, so that the untouched permutation is
 * zeros, which are written faster than a count; an entry of the head is not looked at again.
 */
function shuffle(head: Int32Array, moved: Int32Array, from: number, count: number): void {
  for (let at = 0, i = from; at < count; at++, i++) {
    const j = places[at]!;
    const held = moved[i]! ^ i;
    head[i] = moved[j]! ^ j;
    moved[j] = held ^ j;
  }
}

/** Where an entry is after so many swaps from index `from` on; {@link FOUND} once it has become one of the head. */
function follow(token: number, from: number, count: number, n: number): number {
  let place = token | 0;
  let i = from | 0;
  let left = (n - from) | 0;
  for (let at = 0; at < count; at++) {
    const j = swapPlace(words[at]!, i, left);
    if (j === place) return FOUND;
    if (i === place) place = j;
    i = (i + 1) | 0;
    left = (left - 1) | 0;
  }
  return place;
}

/** {@link follow} for the entries of `four`; answers how many are still on their way. */
function followFour(from: number, count: number, n: number): number {
  let [a, b, c, d] = [four[0]!, four[1]!, four[2]!, four[3]!];
  let i = from | 0;
  let left = (n - from) | 0;
  for (let at = 0; at < count; at++) {
    const j = swapPlace(words[at]!, i, left);
    if (j === a) a = FOUND;
    else if (i === a) a = j;
    if (j === b) b = FOUND;
    else if (i === b) b = j;
    if (j === c) c = FOUND;
    else if (i === c) c = j;
    if (j === d) d = FOUND;
    else if (i === d) d = j;
    i = (i + 1) | 0;
    left = (left - 1) | 0;
  }
  four[0] = a;
  four[1] = b;
  four[2] = c;
  four[3] = d;
  return Number(a !== FOUND) + Number(b !== FOUND) + Number(c !== FOUND) + Number(d !== FOUND);
}
