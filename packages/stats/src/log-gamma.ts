import { requirePositive } from "./argument-check.ts";

/** ½ ln 2π. */
export const HALF_LN_2PI = 0.9189385332046728;

/** Stirling's series for x ≥ 10 (Abramowitz & Stegun 1964, eq. 6.1.41); the first omitted term is below 1e-17. */
function stirlingSeries(x: number): number {
  const y = 1 / (x * x);
  return (
    (1 / 12 -
      y *
        (1 / 360 -
          y *
            (1 / 1260 - y * (1 / 1680 - y * (1 / 1188 - y * (691 / 360360 - y * (1 / 156 - y * (3617 / 122400)))))))) /
    x
  );
}

/**
 * ln Γ(x) for x > 0. Error at most 2e-14 absolute for x < 10, a few units in the last place above.
 *
 * @throws RangeError if x is not positive and finite.
 */
export function logGamma(x: number): number {
  requirePositive("x", x);
  if (x >= 10) return (x - 0.5) * Math.log(x) - x + HALF_LN_2PI + stirlingSeries(x);
  if (x === 1 || x === 2) return 0;
  // Γ(x) = Γ(x + m) / (x (x + 1) … (x + m − 1)) lifts x to where the series is exact to the last place.
  let product = 1;
  while (x < 10) {
    product *= x;
    x += 1;
  }
  return (x - 0.5) * Math.log(x) - x + HALF_LN_2PI + stirlingSeries(x) - Math.log(product);
}

/**
 * ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b), without the cancellation of three large terms.
 *
 * @throws RangeError if a or b is not positive and finite.
 */
export function logBeta(a: number, b: number): number {
  requirePositive("a", a);
  requirePositive("b", b);
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (large < 10) return logGamma(a) + logGamma(b) - logGamma(a + b);
  // ln Γ(large) − ln Γ(large + small) with Stirling's leading terms cancelled by hand.
  const drop =
    -(large - 0.5) * Math.log1p(small / large) -
    small * (Math.log(large + small) - 1) +
    stirlingSeries(large) -
    stirlingSeries(large + small);
  return logGamma(small) + drop;
}

/**
 * δ(x) = ln Γ(x + 1) − [½ ln(2πx) + x ln x − x], Stirling's error, for x > 0 (Loader 2000).
 */
export function stirlingError(x: number): number {
  if (x >= 10) return stirlingSeries(x);
  return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - HALF_LN_2PI;
}
