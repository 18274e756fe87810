import { log1mExp } from "./log-arithmetic.ts";
import { HALF_LN_2PI } from "./log-gamma.ts";
import { logNormalUpperTail, millsRatio } from "./log-normal-tail.ts";
import { type Cumulants, cumulants, logTopMass, mirrored, reach, saddlepoint } from "./tilting.ts";
import type { Factor } from "./unit-model.ts";

/**
 * ln P[X ≥ x] for X the sum of n units, by Lugannani and Rice's approximation (1980, "Saddle point approximation for the
 * distribution of the sum of independent random variables", eq. 15); on a lattice with Daniels' second continuity
 * correction (1987, "Tail probability approximations", section 6). Never above Chernoff's bound and never below the
 * mass of the largest value, both of which hold exactly.
 *
 * @param x - on a lattice an integer, else any number.
 */
export function logSaddlepointUpperTail(factors: readonly Factor[], n: number, x: number, onLattice: boolean): number {
  const top = n * reach(factors);
  if (x <= 0) return 0;
  if (x > top) return Number.NEGATIVE_INFINITY;
  const atTop = n * logTopMass(factors);
  if (x === top) return atTop;
  if (x > n * cumulants(factors, 0).first) return Math.max(atTop, logAboveMean(factors, n, x, onLattice));
  const complement = logAboveMean(mirrored(factors), n, onLattice ? top - x + 1 : top - x, onLattice);
  return Math.max(atTop, log1mExp(Math.min(0, complement)));
}

function logAboveMean(factors: readonly Factor[], n: number, x: number, onLattice: boolean): number {
  const at = onLattice ? x - 0.5 : x;
  const theta = Math.max(0, saddlepoint(factors, at / n));
  const unit = cumulants(factors, theta);
  const deviation = Math.sqrt(n * unit.second);
  const exponent = Math.min(0, n * unit.value - theta * at);
  const w = Math.sqrt(-2 * exponent);
  const u = (onLattice ? 2 * Math.sinh(theta / 2) : theta) * deviation;
  const logTail = w < 0.01 ? nearMean(w, unit, n) : fromRoots(w, u);
  // e^{nK(θ) − θx} bounds the tail at any θ ≥ 0.
  return Math.min(0, logTail, n * unit.value - theta * x);
}

/** ln [Q(w) + φ(w)(1/u − 1/w)] with φ(w) taken out, so that nothing underflows. */
function fromRoots(w: number, u: number): number {
  const mills = w < 2 ? Math.exp(logNormalUpperTail(w) + 0.5 * w * w + HALF_LN_2PI) : millsRatio(w);
  return -0.5 * w * w - HALF_LN_2PI + Math.log(Math.max(mills - 1 / w + 1 / u, Number.MIN_VALUE));
}

/** The limit of the same at the mean, where 1/u − 1/w → −λ₃/6 (Lugannani & Rice 1980, eq. 16). */
function nearMean(w: number, unit: Cumulants, n: number): number {
  const skewness = unit.third / (unit.second * Math.sqrt(n * unit.second));
  const area = Math.exp(logNormalUpperTail(w)) - (Math.exp(-0.5 * w * w - HALF_LN_2PI) * skewness) / 6;
  return Math.log(Math.max(area, Number.MIN_VALUE));
}
