const N = 624;
const M = 397;

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
  const state = new Int32Array(N);
  let at = N;

  function seed(low32: number): void {
    let word = low32 | 0;
    state[0] = word;
    for (let i = 1; i < N; i++) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) | 0;
      state[i] = word;
    }
    at = N;
  }

  function mixed(i: number, next: number, far: number): void {
    const next32 = state[next]!;
    const y = (state[i]! & 0x80000000) | (next32 & 0x7fffffff);
    state[i] = state[far]! ^ (y >>> 1) ^ (-(next32 & 1) & 0x9908b0df);
  }

  function twist(): void {
    for (let i = 0; i < N - M; i++) mixed(i, i + 1, i + M);
    for (let i = N - M; i < N - 1; i++) mixed(i, i + 1, i + M - N);
    mixed(N - 1, 0, M - 1);
    at = 0;
  }

  seed(seedLow32);
  return Object.freeze({
    word(): number {
      if (at === N) twist();
      let y = state[at++]!;
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      return (y ^ (y >>> 18)) >>> 0;
    },
    seed,
  });
}
