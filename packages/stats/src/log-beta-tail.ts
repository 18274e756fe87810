import { requirePositive, requireProbability } from "./argument-check.ts";
import { log1mExp } from "./log-arithmetic.ts";
import { logBinomialDensity } from "./log-mass.ts";

const TINY = 1e-300;
const EPSILON = 1e-16;
const MAX_STEPS = 10_000_000;

/** The continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method (Thompson & Barnett 1986). */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  if (Math.abs(d) < TINY) d = TINY;
  d = 1 / d;
  let h = d;
  for (let m = 1; m < MAX_STEPS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + even / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + odd / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) <= EPSILON) break;
  }
  return h;
}

/** ln Iₓ(a, b) where the fraction converges fast, x < (a + 1)/(a + b + 2); y = 1 − x given apart. */
function logLowerByFraction(a: number, b: number, x: number, y: number): number {
  // xᵃyᵇ/(a B(a,b)) = Binomial density of a in a + b, times b/(a + b).
  return logBinomialDensity(a, b, x, y) + Math.log(b / (a + b)) + Math.log(betaFraction(a, b, x));
}

/** ln Iₓ(a, b) for 0 < x < 1, y = 1 − x given apart. */
export function logBetaLower(a: number, b: number, x: number, y: number): number {
  if (x < (a + 1) / (a + b + 2)) {
    return Math.min(0, logLowerByFraction(a, b, x, y));
  }
  return log1mExp(Math.min(0, logLowerByFraction(b, a, y, x)));
}

/**
 * ln P[Beta(a, b) ≤ x] = ln Iₓ(a, b), the regularised incomplete beta function, at any depth.
 *
 * @throws RangeError if a or b is not positive and finite, or x is outside [0, 1].
 */
export function logBetaLowerTail(a: number, b: number, x: number): number {
  requirePositive("a", a);
  requirePositive("b", b);
  requireProbability("x", x);
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === 1) return 0;
  return logBetaLower(a, b, x, 1 - x);
}

/**
 * ln P[Beta(a, b) ≥ x] = ln(1 − Iₓ(a, b)), at any depth.
 *
 * @throws RangeError if a or b is not positive and finite, or x is outside [0, 1].
 */
export function logBetaUpperTail(a: number, b: number, x: number): number {
  requirePositive("a", a);
  requirePositive("b", b);
  requireProbability("x", x);
  if (x === 0) return 0;
  if (x === 1) return Number.NEGATIVE_INFINITY;
  return logBetaLower(b, a, 1 - x, x);
}
