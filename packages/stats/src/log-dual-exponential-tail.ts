import { requireCount } from "./argument-check.ts";
import { log1mExp, logAddExp } from "./log-arithmetic.ts";
import { logBetaUpperTail } from "./log-beta-tail.ts";
import { logGammaMixtureUpperTail } from "./log-gamma-mixture-tail.ts";
import { logGammaLowerTail, logGammaUpperTail } from "./log-gamma-tail.ts";
import { logBinomialDensity, logPoissonDensity } from "./log-mass.ts";

/** Terms below e⁻⁵⁰ of the largest are left out of a log-concave sum. */
const NEGLIGIBLE = 50;
/** Largest s/b that is summed term by term; beyond it 1 − q is rounded too often and the same tail is inverted instead. */
const LONGEST_MIXTURE = 20_000;

function requireWeight(argument: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${argument}: wanted a finite number of at least 0, got ${value}`);
  }
}

/**
 * ln P[S ≥ s] for S = weightA·Gamma(n) + weightB·Gamma(n), the exact null tail of a dual-key mark.
 *
 * With b the smaller and c the larger weight, q = b/c, c·Exp is a geometric number of b·Exp, so S is b·Gamma(2n + K)
 * with K ~ NegBin(n, q), and P[S ≥ s] = Σₖ P[K = k]·Q(2n + k, s/b): every term is positive (Moschopoulos 1985,
 * for two parts). Below the mean the complement is summed, so that ln p keeps its relative accuracy there.
 *
 * @param n - number of units, an integer of at least 0; 0 means S = 0.
 * @param s - any number; s ≤ 0 gives 0.
 * @throws RangeError if n is not an integer ≥ 0, a weight is negative or not finite, or s is NaN.
 */
export function logDualExponentialUpperTail(n: number, weightA: number, weightB: number, s: number): number {
  requireCount("n", n, 0);
  requireWeight("weightA", weightA);
  requireWeight("weightB", weightB);
  if (Number.isNaN(s)) throw new RangeError("s: wanted a number, got NaN");
  return logTwoGammaUpperTail({ weight: weightA, shape: n }, { weight: weightB, shape: n }, s);
}

/** The same for two parts of different shapes. */
export function logTwoGammaUpperTail(
  one: { readonly weight: number; readonly shape: number },
  other: { readonly weight: number; readonly shape: number },
  s: number,
): number {
  const [small, large] = one.weight <= other.weight ? [one, other] : [other, one];
  if (s <= 0) return 0;
  if (large.weight === 0 || (large.shape === 0 && (small.shape === 0 || small.weight === 0)))
    return Number.NEGATIVE_INFINITY;
  if (s === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  if (small.weight === 0 || small.shape === 0) return logGammaUpperTail(large.shape, s / large.weight);
  if (large.shape === 0) return logGammaUpperTail(small.shape, s / small.weight);
  if (small.weight === large.weight) return logGammaUpperTail(small.shape + large.shape, s / large.weight);
  if (s / small.weight > LONGEST_MIXTURE) return logGammaMixtureUpperTail([small, large], s);
  const mixture = new NegativeBinomialMixture(small, large, s);
  if (s >= small.weight * small.shape + large.weight * large.shape) return Math.min(0, mixture.logUpper());
  return log1mExp(Math.min(0, mixture.logLower()));
}

/** Walks Σₖ P[K = k]·tail(N + k, y), y = s/b, around its largest term: both factors are log-concave in k, so is their product. */
class NegativeBinomialMixture {
  readonly #largeShape: number;
  readonly #shapes: number;
  readonly #y: number;
  readonly #q: number;
  /** 1 − q, from the weights' difference so that close weights lose nothing. */
  readonly #rest: number;

  constructor(
    small: { readonly weight: number; readonly shape: number },
    large: { readonly weight: number; readonly shape: number },
    s: number,
  ) {
    this.#largeShape = large.shape;
    this.#shapes = small.shape + large.shape;
    this.#y = s / small.weight;
    this.#q = small.weight / large.weight;
    this.#rest = (large.weight - small.weight) / large.weight;
  }

  /** ln P[K = k], K ~ NegBin(shape of the wide part, q). */
  #logWeight(k: number): number {
    const shape = this.#largeShape;
    return logBinomialDensity(shape, k, this.#q, this.#rest) + Math.log(shape / (shape + k));
  }

  /** P[K = k + 1] / P[K = k]. */
  #ratio(k: number): number {
    return (this.#rest * (this.#largeShape + k)) / (k + 1);
  }

  /** ln of the sum of upper tails. */
  logUpper(): number {
    const term = (k: number): number => this.#logWeight(k) + logGammaUpperTail(this.#shapes + k, this.#y);
    // Far above y every Gamma tail is 1 and what is left is a tail of K alone.
    const certain = Math.max(0, Math.ceil(this.#y + 12 * Math.sqrt(this.#y) + 100 - this.#shapes));
    const { first, last, peak } = around(term, certain);
    let body = Math.exp(term(first) - peak);
    let step = Math.exp(this.#logWeight(first) + logPoissonDensity(this.#shapes + first, this.#y) - peak);
    let sum = body;
    for (let k = first; k < last; k++) {
      // Q(a + 1, y) = Q(a, y) + yᵃe⁻ʸ/Γ(a + 1): the recurrence only adds (DLMF 8.8.6).
      const ratio = this.#ratio(k);
      body = ratio * (body + step);
      step *= (ratio * this.#y) / (this.#shapes + k + 1);
      sum += body;
    }
    const near = peak + Math.log(sum);
    if (last < certain) return near;
    return logAddExp(near, logBetaUpperTail(this.#largeShape, last + 1, this.#q));
  }

  /** ln of the sum of lower tails. */
  logLower(): number {
    const term = (k: number): number => this.#logWeight(k) + logGammaLowerTail(this.#shapes + k, this.#y);
    const { first, last, peak } = around(term, Number.MAX_SAFE_INTEGER);
    let body = Math.exp(term(last) - peak);
    let step = Math.exp(this.#logWeight(last) + logPoissonDensity(this.#shapes + last, this.#y) - peak);
    let sum = body;
    for (let k = last - 1; k >= first; k--) {
      // P(a, y) = P(a + 1, y) + yᵃe⁻ʸ/Γ(a + 1): downwards the recurrence only adds.
      const ratio = this.#ratio(k);
      step *= (this.#shapes + k + 1) / (ratio * this.#y);
      body = body / ratio + step;
      sum += body;
    }
    return peak + Math.log(sum);
  }
}

/** Where a log-concave sequence on 0…limit stands above {@link NEGLIGIBLE}. */
function around(term: (k: number) => number, limit: number): { first: number; last: number; peak: number } {
  let reach = 1;
  while (reach < limit && term(reach) > term(reach - 1)) reach *= 2;
  const top = bisect(0, Math.min(reach, limit), (k) => k === limit || term(k + 1) <= term(k));
  const peak = term(top);
  const floor = peak - NEGLIGIBLE;
  const first = bisect(0, top, (k) => term(k) > floor);
  let far = 1;
  while (top + far < limit && term(top + far) > floor) far *= 2;
  const last = bisect(top, Math.min(limit, top + far), (k) => k === limit || term(k) <= floor);
  return { first, last, peak };
}

/** The least integer in [low, high] for which a condition holds that holds from there on; it holds at `high`. */
function bisect(low: number, high: number, holds: (k: number) => boolean): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
