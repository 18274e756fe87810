import { requireProbability } from "./argument-check.ts";
import { logAddExp } from "./log-arithmetic.ts";
import { logGamma } from "./log-gamma.ts";

/** How a Kolmogorov–Smirnov p-value was computed. */
export type KsMethod = "exact" | "twice-one-sided" | "asymptotic";

/** Kolmogorov–Smirnov test against the uniform law. */
export interface KsResult {
  /** Largest distance between the empirical and the uniform distribution function. */
  readonly statistic: number;
  readonly pValue: number;
  readonly method: KsMethod;
}

/** Samples up to this many get an exact p for every statistic. */
const EXACT_SIZE = 200;
/** From n·d² of this size on, twice the one-sided tail is right to better than 1e-3 of itself. */
const ONE_SIDED_FROM = 3;
const ONE_SIDED_SIZE = 100_000;

/**
 * Tests values for the uniform law on [0, 1], for example p-values under the null.
 *
 * Up to 200 values the p-value is exact (Marsaglia, Tsang & Wang 2003, "Evaluating Kolmogorov's distribution"). Where
 * n·d² ≥ 3 it is twice the exact one-sided tail (Birnbaum & Tingey 1951), which keeps its digits far out where the
 * first method only has 1 minus almost 1 (Simard & L'Ecuyer 2011). Else Kolmogorov's limit with Stephens'
 * correction (1970), within 2e-3 of the exact p from 200 values on.
 *
 * @param values - at least one, each in [0, 1], in any order.
 * @throws RangeError for an empty list or a value outside [0, 1].
 */
export function ksUniform(values: ArrayLike<number>): KsResult {
  const n = values.length;
  if (n === 0) throw new RangeError("values: wanted at least one value, got 0");
  const sorted = Float64Array.from(values).sort();
  let statistic = 0;
  for (let i = 0; i < n; i++) {
    requireProbability("values", sorted[i]!);
    statistic = Math.max(statistic, (i + 1) / n - sorted[i]!, sorted[i]! - i / n);
  }
  if (n * statistic * statistic >= ONE_SIDED_FROM && n <= ONE_SIDED_SIZE) {
    return { statistic, pValue: Math.min(1, 2 * Math.exp(logOneSided(n, statistic))), method: "twice-one-sided" };
  }
  if (n <= EXACT_SIZE) return { statistic, pValue: clamp(1 - exactCdf(n, statistic)), method: "exact" };
  return { statistic, pValue: clamp(kolmogorovLimit(n, statistic)), method: "asymptotic" };
}

function clamp(p: number): number {
  return Math.min(1, Math.max(0, p));
}

/** ln P[D⁺ ≥ d] = ln d Σ C(n,j) (d + j/n)ʲ⁻¹ (1 − d − j/n)ⁿ⁻ʲ over j ≤ n(1 − d): positive terms (Birnbaum & Tingey 1951, eq. 3.0). */
function logOneSided(n: number, d: number): number {
  let sum = Number.NEGATIVE_INFINITY;
  for (let j = 0; j <= n * (1 - d); j++) {
    const rest = 1 - d - j / n;
    if (rest <= 0 && j < n) continue;
    const choose = logGamma(n + 1) - logGamma(j + 1) - logGamma(n - j + 1);
    sum = logAddExp(sum, choose + (j - 1) * Math.log(d + j / n) + (j === n ? 0 : (n - j) * Math.log(rest)));
  }
  return Math.log(d) + sum;
}

/** P[D_n ≤ d] as an entry of a matrix power (Marsaglia, Tsang & Wang 2003). */
function exactCdf(n: number, d: number): number {
  const half = Math.floor(n * d) + 1;
  const size = 2 * half - 1;
  const h = half - n * d;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) matrix[i * size + j] = i - j + 1 < 0 ? 0 : 1;
  for (let i = 0; i < size; i++) {
    matrix[i * size]! -= h ** (i + 1);
    matrix[(size - 1) * size + i]! -= h ** (size - i);
  }
  matrix[(size - 1) * size]! += 2 * h - 1 > 0 ? (2 * h - 1) ** size : 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) for (let g = 2; g <= i - j + 1; g++) matrix[i * size + j]! /= g;
  }
  let { entries, exponent } = matrixPower(matrix, size, n);
  let value = entries[(half - 1) * size + half - 1]!;
  for (let i = 1; i <= n; i++) {
    value *= i / n;
    if (value < 1e-140) {
      value *= 1e140;
      exponent -= 140;
    }
  }
  return value * 10 ** exponent;
}

/** matrixⁿ by squaring, scaled by a power of ten. */
function matrixPower(matrix: Float64Array, size: number, n: number): { entries: Float64Array; exponent: number } {
  let entries: Float64Array = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  let exponent = 0;
  for (let bit = 2 ** Math.floor(Math.log2(n)); bit >= 1; bit /= 2) {
    entries = product(entries, entries, size);
    exponent *= 2;
    if (Math.floor(n / bit) % 2 === 1) entries = product(entries, matrix, size);
    if (entries[Math.floor(size / 2) * (size + 1)]! > 1e140) {
      entries = entries.map((entry) => entry * 1e-140);
      exponent += 140;
    }
  }
  return { entries, exponent };
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k]!;
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) out[i * size + j]! += factor * b[k * size + j]!;
    }
  }
  return out;
}

/** 2 Σ (−1)^{k−1} exp(−2k²λ²) with λ = d(√n + 0.12 + 0.11/√n) (Kolmogorov 1933; Stephens 1970). */
function kolmogorovLimit(n: number, d: number): number {
  const root = Math.sqrt(n);
  const lambda = d * (root + 0.12 + 0.11 / root);
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * lambda * lambda);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-18) break;
  }
  return 2 * sum;
}
