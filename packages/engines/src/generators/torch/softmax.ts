const { fround } = Math;
/** Floats in a register of the kernels that servers run (AVX2). */
const LANES = 8;
const LOG2_E = fround(Math.LOG2E);
/** ln 2 in two parts, the first with zeros at its end. */
const [LN2_HIGH, LN2_LOW] = [fround(0.69314575), fround(1.4286068e-6)];
const COEFFICIENTS = [0.0013930436, 0.008333361, 0.041666485, 0.16666667, 0.5];

/** a · b + c, rounded once but for the rare case that two roundings differ. */
const fma = (a: number, b: number, c: number): number => fround(a * b + c);

/** e^x in float32 as torch's vector kernels approximate it: reduction by ln 2 and a polynomial of degree 6 (Sleef, expf at 1 ulp). */
function exp32(x: number): number {
  const q = Math.round(fround(x * LOG2_E));
  const s = fma(q, -LN2_LOW, fma(q, -LN2_HIGH, x));
  let u = fround(0.00019852762);
  for (const coefficient of COEFFICIENTS) u = fma(u, s, fround(coefficient));
  u = fround(1 + fma(fround(s * s), u, s));
  return x < -104 ? 0 : fround(u * 2 ** q);
}

/** `torch.softmax` of a float32 row on the CPU, in the engine's order of operations (pytorch v1.13.1, eight lanes). */
export function softmaxRow32(scores: ArrayLike<number>): Float32Array {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) max = Math.max(max, scores[i]!);
  const p = Float32Array.from(scores, (score) => exp32(fround(score - max)));
  const lanes = new Float32Array(LANES);
  for (let i = 0; i < p.length; i++) lanes[i % LANES] = lanes[i % LANES]! + p[i]!;
  for (let half = LANES / 2; half >= 1; half /= 2) {
    for (let lane = 0; lane < half; lane++) lanes[lane] = lanes[lane]! + lanes[lane + half]!;
  }
  const reciprocal = fround(1 / lanes[0]!);
  return p.map((value) => value * reciprocal);
}
