import { TokenmarkError } from "@tokenmark/core";

const POOL = 4;

/** The 32-bit words of a whole number, lowest first; 0 has one word. */
function wordsOf(entropy: bigint): number[] {
  const words: number[] = [];
  for (let rest = entropy; rest > 0n || words.length === 0; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words;
}

/** A running hash whose constant moves on with every word. */
function wordHash(start: number, multiplier: number): (word: number) => number {
  let constant = start;
  return (word) => {
    const value = word ^ constant;
    constant = Math.imul(constant, multiplier);
    const mixed = Math.imul(value, constant);
    return mixed ^ (mixed >>> 16);
  };
}

function mix(x: number, y: number): number {
  const mixed = (Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715)) | 0;
  return mixed ^ (mixed >>> 16);
}

/**
 * The first words of NumPy's `SeedSequence(entropy)`, which every NumPy bit generator is seeded with.
 *
 * After O'Neill 2015, "Developing a seed_seq alternative", as numpy 1.24.2 has it; the stream is the same in later releases so far, but NumPy promises
 * none.
 *
 * @param entropy - the seed, 0 or more, of any size.
 * @throws TokenmarkError `bad-argument` for a negative seed.
 */
export function seedSequence(entropy: bigint, count: number): Uint32Array {
  if (entropy < 0n) throw new TokenmarkError("bad-argument", "seed: wanted 0 or more, got a negative number");
  const words = wordsOf(entropy);
  const pool = new Int32Array(POOL);
  const absorb = wordHash(0x43b0d7e5, 0x931e8875);
  for (let i = 0; i < POOL; i++) pool[i] = absorb(words[i] ?? 0);
  for (let from = 0; from < POOL; from++) {
    for (let to = 0; to < POOL; to++) if (from !== to) pool[to] = mix(pool[to]!, absorb(pool[from]!));
  }
  for (const word of words.slice(POOL)) {
    for (let to = 0; to < POOL; to++) pool[to] = mix(pool[to]!, absorb(word));
  }
  const squeeze = wordHash(0x8b51f9dd, 0x58f38ded);
  return Uint32Array.from({ length: count }, (_, i) => squeeze(pool[i % POOL]!));
}
