import { requirePositive } from "./argument-check.ts";
import { log1mExp } from "./log-arithmetic.ts";
import { logPoissonDensity } from "./log-mass.ts";

const TINY = 1e-300;
const EPSILON = 1e-16;
const MAX_STEPS = 10_000_000;

/** ln P(a, x) for x ≤ a + 1 by its series of positive terms (DLMF 8.11.4). */
function logLowerBySeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < MAX_STEPS; k++) {
    term *= x / (a + k);
    sum += term;
    if (term <= sum * 1e-18) break;
  }
  return logPoissonDensity(a, x) + Math.log(sum);
}

/** ln Q(a, x) for x > a + 1 by Legendre's continued fraction (DLMF 8.9.2), Lentz's method (Thompson & Barnett 1986). */
function logUpperByFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let k = 1; k < MAX_STEPS; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = numerator * d + b;
    if (Math.abs(d) < TINY) d = TINY;
    c = b + numerator / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) <= EPSILON) break;
  }
  return logPoissonDensity(a, x) + Math.log(a) + Math.log(h);
}

/**
 * ln Q(shape, x) = ln P[Gamma(shape, 1) ≥ x], the exact null tail of a Gumbel mark over `shape` units: at any depth, for
 * shapes up to 1e9. Cost grows like √shape.
 *
 * @param shape - at least 1e-3 for the stated accuracy: below, ln Q loses a digit for every decade.
 * @param x - any number; x ≤ 0 gives 0, +Infinity gives −Infinity.
 * @throws RangeError if shape is not positive and finite or x is NaN.
 */
export function logGammaUpperTail(shape: number, x: number): number {
  requirePositive("shape", shape);
  if (Number.isNaN(x)) throw new RangeError("x: wanted a number, got NaN");
  if (x <= 0) return 0;
  if (x === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  if (x <= shape + 1) return log1mExp(Math.min(0, logLowerBySeries(shape, x)));
  return Math.min(0, logUpperByFraction(shape, x));
}

/**
 * ln P(shape, x) = ln P[Gamma(shape, 1) ≤ x], the complement of {@link logGammaUpperTail}, at any depth.
 *
 * @throws RangeError if shape is not positive and finite or x is NaN.
 */
export function logGammaLowerTail(shape: number, x: number): number {
  requirePositive("shape", shape);
  if (Number.isNaN(x)) throw new RangeError("x: wanted a number, got NaN");
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return 0;
  if (x <= shape + 1) return Math.min(0, logLowerBySeries(shape, x));
  return log1mExp(Math.min(0, logUpperByFraction(shape, x)));
}
