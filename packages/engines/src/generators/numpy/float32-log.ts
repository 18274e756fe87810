const { fround } = Math;
const floats = (...values: readonly number[]): Float32Array => Float32Array.from(values);

/** ln(1 + y) ≈ P(y)/Q(y) on √½ − 1 ≤ y < √2 − 1; NumPy's coefficients (1.24.2, npy_simd_data.h), the highest power first. */
const P = floats(2.5899791179e-2, 0.38088377414, 1.4800006336, 2.1126775431, 1, 0);
const Q = floats(5.8750954031e-3, 0.1546476375, 0.98649429585, 2.4530060718, 2.6126775431, 1);
const LN2 = fround(Math.LN2);
const SQRT_HALF = fround(Math.SQRT1_2);

const value = new Float32Array(1);
const bits = new Uint32Array(value.buffer);

/** a · b + c with one rounding to float32, unless rounding the sum to a double makes it a tie. */
function fused(a: number, b: number, c: number): number {
  return fround(a * b + c);
}

function polynomial(coefficients: Float32Array, y: number): number {
  let sum = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) sum = fused(sum, y, coefficients[i]!);
  return sum;
}

/**
 * The natural logarithm of a normal positive float32, as NumPy's `log` gives it (1.24.2, x86 with AVX2 and FMA3):
 * x = 2^k · m with √½ ≤ m < √2, then k · ln 2 + P(m − 1)/Q(m − 1), both of degree 5 by Horner's rule with fused multiply-adds, all in float32.
 *
 * That is up to 3.83 ULP off (at .7828563), so it is neither the nearest float32 nor PyTorch's logarithm. Equal to NumPy's to the last bit, by
 * test, for the 8,191 arguments that TextSeal asks for; of 8,000,000 others one lost its last bit to a double rounding in {@link fused}.
 * Zero, negative and subnormal arguments are left out.
 */
export function numpyLog32(x: number): number {
  value[0] = x;
  let exponent = (bits[0]! >>> 23) - 126;
  bits[0] = (bits[0]! & 0x7fffff) | 0x3f000000;
  let mantissa = value[0]!;
  if (mantissa < SQRT_HALF) {
    mantissa *= 2;
    exponent--;
  }
  const y = mantissa - 1;
  return fused(exponent, LN2, fround(polynomial(P, y) / polynomial(Q, y)));
}
