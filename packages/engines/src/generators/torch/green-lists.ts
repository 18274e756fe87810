import { permutationHead } from "./permutation-head.ts";

/** Most memory that the lists of one scheme may take. */
const BUDGET_BYTES = 16 * 2 ** 20;
/** Most seeds that are remembered as seen once. */
const MOST_SEEN = 1 << 16;

/** Tokens of a seed that are followed together, where a list would cost more. */
const FEW = 4;

/** Pairs that are answered in one go: a seed and a place among so many fit a double together. */
const MOST_PAIRS = 2 ** 20;

/** Green lists by seed, the latest kept within a memory budget. */
export interface GreenLists {
  /** True if the lists of all seeds below the vocabulary size fit the budget. */
  readonly holdsAll: boolean;
  /**
   * Whether a token is among the first `size` of the permutation of a seed. A seed's first token is followed through the swaps; when the seed
   * comes back with another, its list is drawn and kept.
   */
  has(seedLow32: number, token: number): boolean;
  /**
   * Answers for many pairs at once: `pairs` holds seed and token in turn, and `out[i]` becomes 1 or 0 unless it is NaN. Pairs of one seed are
   * answered together, so a seed costs one draw however often it comes; one that comes back in another call has its list kept.
   */
  answer(pairs: Uint32Array, out: Float64Array): void;
  /** Adds to the logits of a whole list; entries beyond the logits are left out. */
  raise(seedLow32: number, logits: Float32Array, addend: number): void;
  /** As {@link has}, drawing the list at once: for seeds of which many tokens will be asked. */
  holds(seedLow32: number, token: number): boolean;
}

/** Lists of `size` of `vocabSize` tokens as bit sets, each the head of `torch.randperm` after its seed. The list that was not asked for the longest goes first. */
export function greenLists(vocabSize: number, size: number): GreenLists {
  const words = Math.ceil(vocabSize / 32);
  const room = Math.max(1, Math.floor(BUDGET_BYTES / (4 * words)));
  const head = permutationHead(vocabSize, size);
  const kept = new Map<number, Uint32Array>();
  /** The first token that was asked of a seed: twice its id, and one more if it is green. */
  const seen = new Map<number, number>();
  let lastSeed = -1;
  let last: Uint32Array = new Uint32Array(0);

  /** Room for the bits of one more list, all zero. */
  function makeRoom(seed: number): Uint32Array {
    let bits: Uint32Array;
    if (kept.size < room) bits = new Uint32Array(words);
    else {
      const [oldest, given] = kept.entries().next().value as [number, Uint32Array];
      kept.delete(oldest);
      bits = given.fill(0);
    }
    kept.set(seed, bits);
    lastSeed = seed;
    last = bits;
    return bits;
  }

  function listOf(seed: number): Uint32Array {
    if (seed === lastSeed) return last;
    const bits = kept.get(seed);
    if (bits === undefined) {
      setBits(makeRoom(seed), head.list(seed));
      return last;
    }
    kept.delete(seed);
    kept.set(seed, bits);
    lastSeed = seed;
    last = bits;
    return bits;
  }

  const bit = (bits: Uint32Array, token: number): boolean => ((bits[token >>> 5]! >>> (token & 31)) & 1) === 1;

  const few = new Int32Array(FEW);
  /** Seeds that {@link GreenLists.answer} has followed a few tokens of; whoever comes back gets a list. */
  const followed = new Set<number>();

  /** Pairs `from` to `end` of one seed, in the order of `order`. */
  function answerSeed(order: Float64Array, from: number, end: number, pairs: Uint32Array, out: Float64Array): void {
    const seed = pairs[2 * (order[from]! % MOST_PAIRS)]!;
    let count = 0;
    for (let at = from; at < end && count <= FEW; at++) {
      const token = pairs[2 * (order[at]! % MOST_PAIRS) + 1]!;
      let known = false;
      for (let t = 0; t < count; t++) known ||= few[t] === token;
      if (known) continue;
      if (count < FEW) few[count] = token;
      count++;
    }
    const bits = count > FEW || kept.has(seed) || followed.has(seed) ? listOf(seed) : null;
    if (bits === null) {
      if (followed.size >= MOST_SEEN) followed.clear();
      followed.add(seed);
    } else followed.delete(seed);
    const answers = bits !== null ? 0 : count === 1 ? Number(head.has(seed, few[0]!)) : head.hasFour(seed, few, count);
    for (let at = from; at < end; at++) {
      const pair = order[at]! % MOST_PAIRS;
      const token = pairs[2 * pair + 1]!;
      out[pair] = bits === null ? (answers >> few.indexOf(token)) & 1 : Number(bit(bits, token));
    }
  }

  function answerAll(pairs: Uint32Array, out: Float64Array): void {
    const count = out.length;
    let known = 0;
    for (let i = 0; i < count; i++) if (!Number.isNaN(out[i]!)) known++;
    const order = new Float64Array(known);
    for (let i = 0, at = 0; i < count; i++) if (!Number.isNaN(out[i]!)) order[at++] = pairs[2 * i]! * MOST_PAIRS + i;
    order.sort();
    for (let from = 0; from < known; ) {
      const seed = Math.floor(order[from]! / MOST_PAIRS);
      let end = from + 1;
      while (end < known && Math.floor(order[end]! / MOST_PAIRS) === seed) end++;
      answerSeed(order, from, end, pairs, out);
      from = end;
    }
  }

  return Object.freeze({
    answer(pairs: Uint32Array, out: Float64Array): void {
      for (let from = 0; from < out.length; from += MOST_PAIRS) {
        const end = Math.min(out.length, from + MOST_PAIRS);
        answerAll(pairs.subarray(2 * from, 2 * end), out.subarray(from, end));
      }
    },
    holdsAll: vocabSize <= room,
    has(seedLow32: number, token: number): boolean {
      const seed = seedLow32 >>> 0;
      if (seed === lastSeed || kept.has(seed)) return bit(listOf(seed), token);
      const first = seen.get(seed);
      if (first !== undefined) return first >> 1 === token ? (first & 1) === 1 : bit(listOf(seed), token);
      if (seen.size >= MOST_SEEN) seen.clear();
      const isGreen = head.has(seed, token);
      seen.set(seed, 2 * token + (isGreen ? 1 : 0));
      return isGreen;
    },
    holds: (seedLow32: number, token: number): boolean => bit(listOf(seedLow32 >>> 0), token),
    raise(seedLow32: number, logits: Float32Array, addend: number): void {
      const seed = seedLow32 >>> 0;
      const end = Math.min(logits.length, vocabSize);
      if (!kept.has(seed)) {
        raiseAndSet(logits, makeRoom(seed), head.list(seed), end, addend);
        return;
      }
      raiseBits(logits, listOf(seed), end, addend);
    },
  });
}

// Loops of their own: V8 reads a closure's variables anew after every store.

function setBits(bits: Uint32Array, list: Int32Array): void {
  for (let i = 0; i < list.length; i++) {
    const token = list[i]!;
    bits[token >>> 5] = bits[token >>> 5]! | (1 << (token & 31));
  }
}

function raiseAndSet(logits: Float32Array, bits: Uint32Array, list: Int32Array, end: number, addend: number): void {
  for (let i = 0; i < list.length; i++) {
    const token = list[i]!;
    bits[token >>> 5] = bits[token >>> 5]! | (1 << (token & 31));
    if (token < end) logits[token] = logits[token]! + addend;
  }
}

/** Green by green from the top of each word, so that what is not green costs nothing. */
function raiseBits(logits: Float32Array, bits: Uint32Array, end: number, addend: number): void {
  for (let word = 0, base = 0; base < end; word++, base += 32) {
    let rest = bits[word]! | 0;
    while (rest !== 0) {
      const place = 31 - Math.clz32(rest);
      rest ^= 1 << place;
      if (base + place < end) logits[base + place] = logits[base + place]! + addend;
    }
  }
}
