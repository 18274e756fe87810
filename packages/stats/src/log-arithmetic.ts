/**
 * ln(eᵃ + eᵇ) without overflow. −Infinity stands for probability 0.
 */
export function logAddExp(a: number, b: number): number {
  const high = Math.max(a, b);
  if (high === Number.NEGATIVE_INFINITY || high === Number.POSITIVE_INFINITY) return high;
  return high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

/**
 * ln Σ exp(terms[i]) without overflow; −Infinity for an empty list.
 */
export function logSumExp(terms: ArrayLike<number>): number {
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < terms.length; i++) high = Math.max(high, terms[i]!);
  if (high === Number.NEGATIVE_INFINITY || high === Number.POSITIVE_INFINITY) return high;
  let sum = 0;
  for (let i = 0; i < terms.length; i++) sum += Math.exp(terms[i]! - high);
  return high + Math.log(sum);
}

/**
 * ln(1 − eˣ) for x ≤ 0: the log-probability of the complement, never −0. NaN for x > 0.
 *
 * The switch at −ln 2 keeps full accuracy at both ends (Mächler 2012, "Accurately computing log(1 − exp(−|a|))", eq. 7).
 */
export function log1mExp(x: number): number {
  const value = x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
  return value === 0 ? 0 : value;
}
