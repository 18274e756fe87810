const N = 624;
const M = 397;

// One stream at a time is worked on, here: V8 compiles loops over arrays of a module as loops over constants, 1.5 to 2 times as fast as loops
// over the arrays of one generator among many.
const state = new Int32Array(N);
const words = new Uint32Array(N);
/** The words of the block that {@link nextBlock} made last, unsigned. What is imported or exported is no constant to V8: keep it in one of your own. */
export const block: Uint32Array = words;

/**
 * Starts PyTorch's CPU generator for whole blocks: {@link nextBlock} then makes the words 624 at a time. The next `startBlocks`, or a word of any
 * {@link torchGenerator}, ends the stream.
 */
export function startBlocks(low32: number): void {
  let word = low32 | 0;
  state[0] = word;
  for (let i = 1; i < N; i++) {
    word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) | 0;
    state[i] = word;
  }
}

/** The next state, word by word, and what leaves the generator for it to {@link block}. */
export function nextBlock(): void {
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

/** PyTorch's CPU generator after `manual_seed`. */
export interface TorchGenerator {
  /** The next 32-bit word, unsigned. */
  word(): number;
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
  const ownState = new Int32Array(N);
  const ownWords = new Uint32Array(N);
  let at = N;

  function seed(low32: number): void {
    startBlocks(low32);
    ownState.set(state);
    at = N;
  }
  function refill(): void {
    state.set(ownState);
    nextBlock();
    ownState.set(state);
    ownWords.set(words);
    at = 0;
  }

  seed(seedLow32);
  return Object.freeze({
    word(): number {
      if (at === N) refill();
      return ownWords[at++]!;
    },
    seed,
  });
}
