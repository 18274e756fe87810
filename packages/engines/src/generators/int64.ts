/** A signed 64-bit integer that is written in place: two's complement, the high half signed, the low one unsigned. */
export interface Int64 {
  hi: number;
  lo: number;
}

const MAGNITUDE = 2 ** 32;

/** A register holding `value`, wrapped to 64 bits. */
export function int64(value = 0n): Int64 {
  const bits = BigInt.asIntN(64, value);
  return { hi: Number(bits >> 32n), lo: Number(bits & 0xffffffffn) };
}

/** The register as a bigint, for printing. */
export function int64Value({ hi, lo }: Int64): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo);
}

/** Sets a register to a whole number of at most 53 bits. */
export function setInteger(into: Int64, value: number): void {
  into.hi = Math.floor(value / MAGNITUDE) | 0;
  into.lo = value >>> 0;
}

/** into = a · b, wrapped to 64 bits; `into` may be either factor. */
export function multiply(into: Int64, a: Int64, b: Int64): void {
  const a0 = a.lo & 0xffff;
  const a1 = a.lo >>> 16;
  const b0 = b.lo & 0xffff;
  const b1 = b.lo >>> 16;
  const p00 = Math.imul(a0, b0) >>> 0;
  const p01 = Math.imul(a0, b1) >>> 0;
  const p10 = Math.imul(a1, b0) >>> 0;
  const p11 = Math.imul(a1, b1) >>> 0;
  const middle = (p00 >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
  const high = p11 + (p01 >>> 16) + (p10 >>> 16) + (middle >>> 16);
  const hi = (high + Math.imul(a.lo, b.hi) + Math.imul(a.hi, b.lo)) | 0;
  into.lo = ((middle << 16) | (p00 & 0xffff)) >>> 0;
  into.hi = hi;
}

/** into = into + b, wrapped to 64 bits. */
export function add(into: Int64, b: Int64): void {
  const lo = into.lo + b.lo;
  into.hi = (into.hi + b.hi + (lo >= MAGNITUDE ? 1 : 0)) | 0;
  into.lo = lo >>> 0;
}

/** Whether a < b. */
export function isLess(a: Int64, b: Int64): boolean {
  return a.hi === b.hi ? a.lo < b.lo : a.hi < b.hi;
}

/** Remainder in 0 … m − 1, as Python's; m at most 2^20. */
export function remainder({ hi, lo }: Int64, m: number): number {
  const rest = ((hi % m) * (MAGNITUDE % m) + lo) % m;
  return rest < 0 ? rest + m : rest;
}
