/** K, K1 and K2 of one Chaskey key: 12 little-endian words. */
export type ChaskeySchedule = Int32Array;

/** Doubles a 128-bit little-endian word vector in GF(2^128), polynomial x^128 + x^7 + x^2 + x + 1. */
function double(schedule: Int32Array, from: number, to: number): void {
  const [a, b, c, d] = [schedule[from]!, schedule[from + 1]!, schedule[from + 2]!, schedule[from + 3]!];
  schedule[to] = (a << 1) ^ (d < 0 ? 0x87 : 0);
  schedule[to + 1] = (b << 1) | (a >>> 31);
  schedule[to + 2] = (c << 1) | (b >>> 31);
  schedule[to + 3] = (d << 1) | (c >>> 31);
}

/** Prepares a 16-byte key. */
export function chaskeySchedule(key: Uint8Array): ChaskeySchedule {
  const schedule = new Int32Array(12);
  const view = new DataView(key.buffer, key.byteOffset, 16);
  for (let i = 0; i < 4; i++) schedule[i] = view.getInt32(4 * i, true);
  double(schedule, 0, 4);
  double(schedule, 4, 8);
  return schedule;
}

/**
 * Chaskey-12 (Mouha, Mennink, Van Herrewege, Watanabe, Preneel and Verbauwhede 2014; ISO/IEC 29192-6): a 128-bit-key MAC
 * of 32-bit additions, rotations and xors, hence native to JavaScript. The message is the `count` 32-bit words
 * `words[from…]`, little-endian (−1 becomes 0xFFFFFFFF); the whole 128-bit tag goes into `out[0…3]`, signed.
 *
 * Checked against the reference vectors for every message of whole words up to 60 bytes.
 */
export function chaskey12(
  schedule: ChaskeySchedule,
  words: ArrayLike<number>,
  from: number,
  count: number,
  out: Int32Array,
): void {
  let v0 = schedule[0]!;
  let v1 = schedule[1]!;
  let v2 = schedule[2]!;
  let v3 = schedule[3]!;
  const full = count > 0 && (count & 3) === 0;
  const l = full ? 4 : 8;
  const blocks = full ? count >> 2 : (count >> 2) + 1;
  for (let block = 0; block < blocks; block++) {
    const at = from + (block << 2);
    const rest = count - (block << 2);
    if (rest >= 4) {
      v0 ^= words[at]!;
      v1 ^= words[at + 1]!;
      v2 ^= words[at + 2]!;
      v3 ^= words[at + 3]!;
    } else {
      // The last, incomplete block: its words, then a single 1 byte, then zeros.
      if (rest === 0) v0 ^= 1;
      if (rest > 0) v0 ^= words[at]!;
      if (rest === 1) v1 ^= 1;
      if (rest > 1) v1 ^= words[at + 1]!;
      if (rest === 2) v2 ^= 1;
      if (rest > 2) {
        v2 ^= words[at + 2]!;
        v3 ^= 1;
      }
    }
    if (block === blocks - 1) {
      v0 ^= schedule[l]!;
      v1 ^= schedule[l + 1]!;
      v2 ^= schedule[l + 2]!;
      v3 ^= schedule[l + 3]!;
    }
    for (let round = 0; round < 12; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 13) | (v3 >>> 19)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 7) | (v1 >>> 25)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
  }
  out[0] = v0 ^ schedule[l]!;
  out[1] = v1 ^ schedule[l + 1]!;
  out[2] = v2 ^ schedule[l + 2]!;
  out[3] = v3 ^ schedule[l + 3]!;
}
