const ROUNDS = 10;

/**
 * Philox4x32-10 (Salmon et al. 2011): four counter words and two key words to four words. All arithmetic in 32 bits; the high half of a product
 * comes from 16-bit pieces.
 *
 * @param out - four words, written at 0 … 3.
 */
export function philox4x32(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
): void {
  let [a, b, c, d, x, y] = [c0 | 0, c1 | 0, c2 | 0, c3 | 0, k0 | 0, k1 | 0];
  for (let round = 0; round < ROUNDS; round++) {
    const highA = multiplyHigh(a, 0xd251, 0x1f53);
    const lowA = Math.imul(a, 0xd2511f53);
    const highC = multiplyHigh(c, 0xcd9e, 0x8d57);
    const lowC = Math.imul(c, 0xcd9e8d57);
    a = highC ^ b ^ x;
    b = lowC;
    c = highA ^ d ^ y;
    d = lowA;
    x = (x + 0x9e3779b9) | 0;
    y = (y + 0xbb67ae85) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/** High 32 bits of the unsigned product of a word with a constant of two halves. */
function multiplyHigh(word: number, high: number, low: number): number {
  const w0 = word & 0xffff;
  const w1 = word >>> 16;
  const middle = Math.imul(w1, low) + (Math.imul(w0, low) >>> 16);
  const cross = Math.imul(w0, high) + (middle & 0xffff);
  return (Math.imul(w1, high) + (middle >>> 16) + (cross >>> 16)) | 0;
}
