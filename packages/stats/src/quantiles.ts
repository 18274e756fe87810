import { requireOpenProbability, requirePositive } from "./argument-check.ts";
import { jStat } from "./jstat.ts";
import { logBetaLowerTail, logBetaUpperTail } from "./log-beta-tail.ts";
import { HALF_LN_2PI } from "./log-gamma.ts";
import { logGammaLowerTail, logGammaUpperTail } from "./log-gamma-tail.ts";
import { logNormalUpperTail } from "./log-normal-tail.ts";

/**
 * P[N(0, 1) ≤ z]. Right to a few units in the last place on both sides; 0 only below z = −38.
 */
export function normalCdf(z: number): number {
  return Math.exp(logNormalUpperTail(-z));
}

/**
 * z with P[N(0, 1) ≤ z] = p.
 *
 * Newton's method on the log tail; jstat's own quantile is off by 0.1 at p = 1e-20 and more beyond.
 *
 * @throws RangeError unless 0 < p < 1.
 */
export function normalQuantile(p: number): number {
  requireOpenProbability("p", p);
  if (p === 0.5) return 0;
  return p < 0.5 ? -upperNormalQuantile(Math.log(p)) : upperNormalQuantile(Math.log1p(-p));
}

/** z > 0 with ln P[N(0, 1) ≥ z] = logTail, logTail < −ln 2. */
function upperNormalQuantile(logTail: number): number {
  let z = Math.sqrt(Math.max(0, -2 * (logTail + Math.LN2)));
  for (let i = 0; i < 50; i++) {
    const reached = logNormalUpperTail(z);
    const slope = -Math.exp(-0.5 * z * z - HALF_LN_2PI - reached);
    const next = Math.max(0, z - (reached - logTail) / slope);
    if (Math.abs(next - z) <= 1e-15 * (1 + z)) return next;
    z = next;
  }
  return z;
}

/** Root of a rising function on (low, high) by bisection to the last place. */
function bisectRoot(low: number, high: number, rising: (x: number) => number): number {
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    if (rising(middle) > 0) high = middle;
    else low = middle;
  }
}

/**
 * x with P[χ²(degreesOfFreedom) ≤ x] = p, from this package's own Gamma tail on whichever side is smaller.
 *
 * @throws RangeError unless 0 < p < 1 and degreesOfFreedom is positive and finite.
 */
export function chiSquareQuantile(p: number, degreesOfFreedom: number): number {
  requireOpenProbability("p", p);
  requirePositive("degreesOfFreedom", degreesOfFreedom);
  const shape = degreesOfFreedom / 2;
  const gap =
    p < 0.5
      ? (x: number): number => logGammaLowerTail(shape, x / 2) - Math.log(p)
      : (x: number): number => Math.log1p(-p) - logGammaUpperTail(shape, x / 2);
  let high = degreesOfFreedom + 1;
  while (gap(high) < 0) high *= 2;
  return bisectRoot(0, high, gap);
}

/**
 * x with P[Beta(a, b) ≤ x] = p, from this package's own beta tail on whichever side is smaller.
 *
 * @throws RangeError unless 0 < p < 1 and a, b are positive and finite.
 */
export function betaQuantile(p: number, a: number, b: number): number {
  requireOpenProbability("p", p);
  requirePositive("a", a);
  requirePositive("b", b);
  return p < 0.5
    ? bisectRoot(0, 1, (x) => logBetaLowerTail(a, b, x) - Math.log(p))
    : bisectRoot(0, 1, (x) => Math.log1p(-p) - logBetaUpperTail(a, b, x));
}

/**
 * t with P[Student(degreesOfFreedom) ≤ t] = p: jstat's quantile, right to about 1e-8 for 1e-6 ≤ p ≤ 1 − 1e-6.
 *
 * @throws RangeError unless 1e-6 ≤ p ≤ 1 − 1e-6 (jstat is not to be trusted beyond) and degreesOfFreedom ≥ 1.
 */
export function studentTQuantile(p: number, degreesOfFreedom: number): number {
  if (!(p >= 1e-6 && p <= 1 - 1e-6)) throw new RangeError(`p: wanted a probability in [1e-6, 1 − 1e-6], got ${p}`);
  requirePositive("degreesOfFreedom", degreesOfFreedom);
  if (degreesOfFreedom < 1) throw new RangeError(`degreesOfFreedom: wanted at least 1, got ${degreesOfFreedom}`);
  return jStat.studentt.inv(p, degreesOfFreedom);
}
