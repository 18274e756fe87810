import type { Int64 } from "./int64.ts";

/** Low and high half of a seed: an unsigned integer below 2^64 − 1. */
export interface FoldedSeed {
  lo: number;
  hi: number;
}

const MAGNITUDE = 2 ** 32;

/** The 64-bit product of two unsigned words, as [high, low] in the scratch array. */
const product: [number, number] = [0, 0];
function multiplyWords(a: number, b: number): void {
  const p00 = Math.imul(a & 0xffff, b & 0xffff) >>> 0;
  const p01 = Math.imul(a & 0xffff, b >>> 16) >>> 0;
  const p10 = Math.imul(a >>> 16, b & 0xffff) >>> 0;
  const p11 = Math.imul(a >>> 16, b >>> 16) >>> 0;
  const middle = (p00 >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
  product[0] = p11 + (p01 >>> 16) + (p10 >>> 16) + (middle >>> 16);
  product[1] = ((middle << 16) | (p00 & 0xffff)) >>> 0;
}

/** Magnitude of a signed 64-bit integer, low word first. */
const magnitudeA: [number, number] = [0, 0];
const magnitudeB: [number, number] = [0, 0];
function magnitude(into: [number, number], { hi, lo }: Int64): void {
  if (hi >= 0) {
    into[0] = lo;
    into[1] = hi;
    return;
  }
  into[0] = -lo >>> 0;
  into[1] = (~hi + (lo === 0 ? 1 : 0)) >>> 0;
}

const words = new Float64Array(4);
function addAt(at: number, high: number, low: number): void {
  let carry = low;
  for (let i = at; i < 4; i++) {
    const sum = words[i]! + (i === at ? carry : i === at + 1 ? high + carry : carry);
    words[i] = sum % MAGNITUDE;
    carry = Math.floor(sum / MAGNITUDE);
  }
}

/**
 * a · b modulo 2^64 − 1, the product unbounded and the remainder never negative, as Python forms it: the seed of every KGW list. Since 2^64 ≡ 1,
 * the halves of the magnitude add up, and a negative number's remainder is the complement.
 */
export function foldProduct(into: FoldedSeed, a: Int64, b: Int64): void {
  magnitude(magnitudeA, a);
  magnitude(magnitudeB, b);
  words.fill(0);
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 2; j++) {
      multiplyWords(magnitudeA[i]!, magnitudeB[j]!);
      addAt(i + j, product[0], product[1]);
    }
  }
  let lo = words[0]! + words[2]!;
  let hi = words[1]! + words[3]! + (lo >= MAGNITUDE ? 1 : 0);
  lo %= MAGNITUDE;
  if (hi >= MAGNITUDE) {
    hi -= MAGNITUDE;
    lo += 1;
    if (lo === MAGNITUDE) {
      lo = 0;
      hi += 1;
    }
  }
  const negative = a.hi < 0 !== b.hi < 0;
  if (lo === MAGNITUDE - 1 && hi === MAGNITUDE - 1) lo = hi = 0;
  else if (negative && (lo !== 0 || hi !== 0)) {
    lo = MAGNITUDE - 1 - lo;
    hi = MAGNITUDE - 1 - hi;
  }
  into.lo = lo;
  into.hi = hi;
}
