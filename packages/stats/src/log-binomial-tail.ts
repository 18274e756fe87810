import { requireCount, requireFinite, requireProbability } from "./argument-check.ts";
import { logBetaLower } from "./log-beta-tail.ts";

/**
 * ln P[Bin(n, p) ≥ k], the exact null tail of a green list: at any depth, for n up to 1e9.
 *
 * P[Bin(n, p) ≥ k] = I_p(k, n − k + 1) (DLMF 8.17.5), whose continued fraction is taken from Loader's binomial density
 * so that no large logarithms cancel. Cost grows like √n: below a microsecond up to n = 1,000.
 *
 * @param k - any finite number; a fraction means the next integer.
 * @throws RangeError if k is not finite, n is not an integer ≥ 0, or p is outside [0, 1].
 */
export function logBinomialUpperTail(k: number, n: number, p: number): number {
  requireFinite("k", k);
  requireCount("n", n, 0);
  requireProbability("p", p);
  const least = Math.ceil(k);
  if (least <= 0) return 0;
  if (least > n || p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return 0;
  return logBetaLower(least, n - least + 1, p, 1 - p);
}
