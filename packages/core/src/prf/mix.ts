/**
 * The fast step of the PRF: from the 128-bit tag of a context and a token to 32 uniform bits.
 *
 * Three multiply-xorshift rounds with the constants of Wellons' `triple32` (2019, public domain), which of all
 * three-round functions searched has the least avalanche bias; three words of the tag enter before and between them.
 * For one tag the map is a bijection of the 32-bit token. It is a statistical mixer, not a cipher: secrecy rests on the
 * tag (see SECURITY.md).
 */
export function mixWord(s0: number, s1: number, s2: number, token: number): number {
  let x = token ^ s0;
  x = (Math.imul(x ^ (x >>> 17), 0xed5ad4bb) + s1) | 0;
  x = Math.imul(x ^ (x >>> 11), 0xac4c1b51) ^ s2;
  x = Math.imul(x ^ (x >>> 15), 0x31848bab);
  return x ^ (x >>> 14);
}

/** 32 further bits from a word of {@link mixWord} and the tag's last word (Wellons' `lowbias32`). */
export function mixSecondWord(s3: number, word: number): number {
  let x = (word + s3) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/**
 * A uniform number in (0, 1) on the grid (m + ½)·2^−52, from two words; never 0 or 1, so its logarithm is finite.
 * 52 bits, because (m + ½) must be exact in a double.
 */
export function uniform52(word: number, second: number): number {
  return ((word >>> 0) * 1048576 + (second >>> 12) + 0.5) * 2.220446049250313e-16;
}
