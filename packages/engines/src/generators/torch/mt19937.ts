const N = 624;
const M = 397;

/** Words of a block. */
export const BLOCK_WORDS: number = N;

/** PyTorch's CPU generator after `manual_seed`. */
export interface TorchGenerator {
  /** The next 32-bit word, unsigned. */
  word(): number;
  /** The next 624 words at once, in an array that the generator writes over later; only straight after `seed` or another block. */
  block(): Uint32Array;
  /** Starts over, as `manual_seed`: of a seed PyTorch's CPU engine takes the low 32 bits only. */
  seed(low32: number): void;
}

/**
 * PyTorch's CPU generator: MT19937 (Matsumoto and Nishimura 1998) started from one 32-bit word, the classic initialisation and not the one by
 * array (pytorch v1.13.1, ATen/core/MT19937RNGEngine.h). Only 2^32 streams exist, whatever the seed's width.
 *
 * @param seedLow32 - the low 32 bits of the seed's two's complement, signed or unsigned.
 */
export function torchGenerator(seedLow32: number): TorchGenerator {
  const state = new Int32Array(N);
  const words = new Uint32Array(N);
  let at = N;

  function seed(low32: number): void {
    start(state, low32);
    at = N;
  }

  function block(): Uint32Array {
    twist(state, words);
    return words;
  }

  seed(seedLow32);
  return Object.freeze({
    word(): number {
      if (at === N) {
        block();
        at = 0;
      }
      return words[at++]!;
    },
    block,
    seed,
  });
}

// Loops over parameters: V8 reads a closure's variables anew after every store.

function start(state: Int32Array, low32: number): void {
  let word = low32 | 0;
  state[0] = word;
  for (let i = 1; i < N; i++) {
    word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) | 0;
    state[i] = word;
  }
}

/** The next state, word by word, and what leaves the generator for it. */
function twist(state: Int32Array, words: Uint32Array): void {
  let current = state[0]!;
  for (let i = 0; i < N - M; i++) {
    const next = state[i + 1]!;
    const word = state[i + M]! ^ mixed(current, next);
    state[i] = word;
    words[i] = temper(word);
    current = next;
  }
  for (let i = N - M; i < N - 1; i++) {
    const next = state[i + 1]!;
    const word = state[i + M - N]! ^ mixed(current, next);
    state[i] = word;
    words[i] = temper(word);
    current = next;
  }
  const word = state[M - 1]! ^ mixed(current, state[0]!);
  state[N - 1] = word;
  words[N - 1] = temper(word);
}

function mixed(current: number, next: number): number {
  const y = (current & 0x80000000) | (next & 0x7fffffff);
  return (y >>> 1) ^ (-(next & 1) & 0x9908b0df);
}

function temper(word: number): number {
  let y = word;
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >>> 18);
}
