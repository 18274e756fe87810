import { log1mExp } from "./log-arithmetic.ts";
import { HALF_LN_2PI } from "./log-gamma.ts";
import { logNormalUpperTail, millsRatio } from "./log-normal-tail.ts";
import { type Cumulants, cumulants, logTopMass, mirrored, reach, saddlepoint } from "./tilting.ts";
import type { Factor } from "./unit-model.ts";

/**
 * Largest skewness of the tilted sum at which the approximation is used. A dense law reaches it with fewer than 4 units
 * of an exponential; a law with one rare, far value at any size.
 */
const MOST_SKEWNESS = 1;
/** The same before tilting: an exponential law has 2 for one unit. */
const MOST_PLAIN_SKEWNESS = 2.5;

/** An approximate ln P, and whether it is the approximation or the bound that it fell back to. */
export interface SaddlepointTail {
  readonly logP: number;
  readonly tail: "exact" | "saddlepoint" | "chernoff";
}

/**
 * ln P[X ≥ x] for X the sum of n units, by Lugannani and Rice's approximation (1980, "Saddle point approximation for the
 * distribution of the sum of independent random variables"); on a lattice with Daniels' second continuity
 * correction (1987, "Tail probability approximations"). Never above Chernoff's bound and never below the
 * mass of the largest value, both of which hold exactly.
 *
 * A sparse law (one rare, far value) can drive the approximation to nothing or below: Chernoff's bound takes its place
 * where the corrected tail is less than half of its own leading term, or the sum is strongly skewed.
 *
 * @param x - on a lattice an integer, else any number.
 */
export function logSaddlepointUpperTail(
  factors: readonly Factor[],
  n: number,
  x: number,
  onLattice: boolean,
): SaddlepointTail {
  const top = n * reach(factors);
  if (x <= 0) return { logP: 0, tail: "exact" };
  if (x > top) return { logP: Number.NEGATIVE_INFINITY, tail: "exact" };
  const atTop = n * logTopMass(factors);
  if (x === top) return { logP: atTop, tail: "exact" };
  if (x > n * cumulants(factors, 0).first) {
    const { logP, tail } = logAboveMean(factors, n, x, onLattice);
    return { logP: Math.max(atTop, logP), tail };
  }
  const below = logAboveMean(mirrored(factors), n, onLattice ? top - x + 1 : top - x, onLattice);
  // A bound on the complement bounds the tail from the wrong side; 1 is the bound that holds.
  if (below.tail === "chernoff") return { logP: 0, tail: "chernoff" };
  return { logP: Math.max(atTop, log1mExp(Math.min(0, below.logP))), tail: below.tail };
}

function logAboveMean(factors: readonly Factor[], n: number, x: number, onLattice: boolean): SaddlepointTail {
  const at = onLattice ? x - 0.5 : x;
  const theta = Math.max(0, saddlepoint(factors, at / n));
  const unit = cumulants(factors, theta);
  const deviation = Math.sqrt(n * unit.second);
  const w = Math.sqrt(Math.max(0, 2 * (theta * at - n * unit.value)));
  // e^{nK(θ) − θx} bounds the tail at any θ ≥ 0.
  const bound = Math.min(0, n * unit.value - theta * x);
  const area =
    w < 0.01 ? nearMean(w, unit, n) : fromRoots(w, (onLattice ? 2 * Math.sinh(theta / 2) : theta) * deviation);
  const skewed =
    Math.abs(skewness(unit, n)) > MOST_SKEWNESS || Math.abs(skewness(cumulants(factors, 0), n)) > MOST_PLAIN_SKEWNESS;
  if (area === null || skewed) return { logP: bound, tail: "chernoff" };
  return { logP: Math.min(bound, area - 0.5 * w * w - HALF_LN_2PI), tail: "saddlepoint" };
}

/** Skewness of the tilted sum, the size of the first term that the approximation leaves out. */
function skewness(unit: Cumulants, n: number): number {
  return unit.third / (unit.second * Math.sqrt(n * unit.second));
}

/** ln [Q(w)/φ(w) + 1/u − 1/w], or null where the correction eats up the leading term. */
function fromRoots(w: number, u: number): number | null {
  const mills = w < 2 ? Math.exp(logNormalUpperTail(w) + 0.5 * w * w + HALF_LN_2PI) : millsRatio(w);
  const sum = mills - 1 / w + 1 / u;
  return sum > 0.5 * Math.min(mills, 1 / u) ? Math.log(sum) : null;
}

/** The limit of the same at the mean, where 1/u − 1/w → −λ₃/6 (Daniels 1987). */
function nearMean(w: number, unit: Cumulants, n: number): number | null {
  const mills = Math.exp(logNormalUpperTail(w) + 0.5 * w * w + HALF_LN_2PI);
  const sum = mills - skewness(unit, n) / 6;
  return sum > 0.5 * mills ? Math.log(sum) : null;
}
