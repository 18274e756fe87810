import { requireCount, requireProbability } from "./argument-check.ts";
import { stirlingError } from "./log-gamma.ts";

const LN_2PI = 1.8378770664093456;

/**
 * x ln(x/m) + m − x for x ≥ 0, m > 0: the deviance, without cancellation near x = m (Loader 2000, "Fast and accurate
 * computation of binomial probabilities").
 */
export function devianceTerm(x: number, m: number): number {
  if (x === 0) return m;
  const gap = x - m;
  if (Math.abs(gap) < 0.1 * (x + m)) {
    const v = gap / (x + m);
    const v2 = v * v;
    let sum = gap * v;
    let power = 2 * x * v;
    for (let j = 3; j < 200; j += 2) {
      power *= v2;
      const next = sum + power / j;
      if (next === sum) break;
      sum = next;
    }
    return sum;
  }
  return x * (Math.log(x) - Math.log(m)) - gap;
}

/**
 * ln [Γ(n+1) / (Γ(x+1) Γ(n−x+1)) pˣ qⁿ⁻ˣ] for real 0 ≤ x ≤ n with q = 1 − p given apart, so that neither is rounded
 * away (Loader 2000).
 */
export function logBinomialDensity(x: number, rest: number, p: number, q: number): number {
  const n = x + rest;
  if (x === 0) return rest === 0 ? 0 : rest * (p < 0.5 ? Math.log1p(-p) : Math.log(q));
  if (rest === 0) return x * (q < 0.5 ? Math.log1p(-q) : Math.log(p));
  const correction = stirlingError(n) - stirlingError(x) - stirlingError(rest);
  const deviance = devianceTerm(x, n * p) + devianceTerm(rest, n * q);
  return correction - deviance - 0.5 * (LN_2PI + Math.log(x) + Math.log1p(-x / n));
}

/** ln [e⁻ᵐ mˣ / Γ(x+1)] for real x ≥ 0, m > 0 (Loader 2000). */
export function logPoissonDensity(x: number, m: number): number {
  if (x === 0) return -m;
  return -stirlingError(x) - devianceTerm(x, m) - 0.5 * (LN_2PI + Math.log(x));
}

/**
 * ln P[Bin(n, p) = k]; −Infinity for a k that cannot occur.
 *
 * @throws RangeError if n is not an integer ≥ 0, p is no probability, or k is not finite.
 */
export function logBinomialMass(k: number, n: number, p: number): number {
  requireCount("n", n, 0);
  requireProbability("p", p);
  if (!Number.isInteger(k) || k < 0 || k > n) {
    if (!Number.isFinite(k)) throw new RangeError(`k: wanted a finite number, got ${k}`);
    return Number.NEGATIVE_INFINITY;
  }
  if (p === 0) return k === 0 ? 0 : Number.NEGATIVE_INFINITY;
  if (p === 1) return k === n ? 0 : Number.NEGATIVE_INFINITY;
  const value = logBinomialDensity(k, n - k, p, 1 - p);
  return value === 0 ? 0 : value;
}
