/** One word into a MurmurHash3 (x86, 32 bit) body: state and word in, state out, as signed 32-bit integers (Appleby 2011). */
export function absorb(state: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const mixed = state ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** The hash of `count` absorbed words, an unsigned 32-bit integer: MurmurHash3's length word and finaliser. */
export function finish(state: number, count: number): number {
  let x = state ^ (4 * count);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
