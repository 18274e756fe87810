import { log1mExp } from "./log-arithmetic.ts";
import { cumulants, logTopMass, mirrored, reach, saddlepoint, tilt } from "./tilting.ts";
import type { Factor } from "./unit-model.ts";

/** Frequencies × factor values that one inversion may cost: at most about 0.3 s. */
const MOST_WORK = 8_000_000;
/** Largest magnification of rounding errors at which the sum still counts as exact (1e-16 · 1e4 of p). */
const MOST_CANCELLATION = 1e4;

/** ln of a term's size below which it is left out. */
const NEGLIGIBLE = -50;

/** What the tilted lattice sum is weighed with: everything from k up, or k alone. */
type Target = "tail" | "point";

/**
 * ln P[X ≥ k] for X the sum of n units on the integers, exact to rounding, or null if it would cost too much or a sparse
 * law makes the sum cancel.
 *
 * The law is tilted to θ > 0 so that k becomes an ordinary value; the tilted tail Σ g(x) e^{−θ(x−k)} is its discrete
 * Fourier sum over M frequencies. Folding the line into M points adds about e⁻³⁸ of the result, by Bernstein's inequality
 * for M ≥ 20σ + 26·(largest jump) and because the weights decay by e⁻³⁸ within M; nothing underflows.
 * Below the mean the mirrored law gives the complement, so that ln p keeps its relative accuracy where p is almost 1.
 */
export function logLatticeUpperTail(factors: readonly Factor[], n: number, k: number): number | null {
  const top = n * reach(factors);
  if (k <= 0) return 0;
  if (k > top) return Number.NEGATIVE_INFINITY;
  if (k === top) return n * logTopMass(factors);
  if (k >= n * cumulants(factors, 0).first) return invert(factors, n, k, "tail");
  const opposite = mirrored(factors);
  const below = k === 1 ? n * logTopMass(opposite) : invert(opposite, n, top - k + 1, "tail");
  return below === null ? null : log1mExp(Math.min(0, below));
}

/** ln P[X = k] of the same sum, or null if it would cost too much; an impossible k inside the range gives rounding noise. */
export function logLatticeMass(factors: readonly Factor[], n: number, k: number): number | null {
  const top = n * reach(factors);
  if (k < 0 || k > top) return Number.NEGATIVE_INFINITY;
  if (k === top) return n * logTopMass(factors);
  if (k === 0) return n * logTopMass(mirrored(factors));
  return invert(factors, n, k, "point");
}

function invert(factors: readonly Factor[], n: number, k: number, target: Target): number | null {
  const top = n * reach(factors);
  const jump = factors.reduce((most, { values }) => Math.max(most, values[values.length - 1]!), 0);
  // Where k lies in a gap of a sparse law, tilting to k itself leaves nearly all mass below it and the sum cancels:
  // the tilt then aims further up, at most one jump away.
  for (const ahead of target === "tail" ? [0, 0.5, 1] : [0]) {
    const aim = k + ahead * jump;
    if (aim >= top) break;
    const theta = tailTilt(factors, n, saddlepoint(factors, aim / n), target);
    const result = fourierSum(factors, n, k, theta, target);
    if (result === null) return null;
    if (target === "point" || result.cancellation < MOST_CANCELLATION) return result.logP;
  }
  return null;
}

/** The tilt to use for a saddlepoint: a tail needs one that is clear of the pole at 0. */
function tailTilt(factors: readonly Factor[], n: number, theta: number, target: Target): number {
  if (target === "point") return theta;
  const deviation = Math.sqrt(n * cumulants(factors, theta).second);
  return Math.max(theta, 2 / Math.max(1, deviation));
}

interface FourierSum {
  readonly logP: number;
  /** Sum of the terms' sizes over the size of their sum: how many times the rounding error is magnified. */
  readonly cancellation: number;
}

function fourierSum(
  factors: readonly Factor[],
  n: number,
  k: number,
  theta: number,
  target: Target,
): FourierSum | null {
  const jump = factors.reduce((most, { values }) => Math.max(most, values[values.length - 1]!), 0);
  const { value, second } = cumulants(factors, theta);
  const deviation = Math.sqrt(n * second);
  // The law itself never needs more frequencies than it has points; the geometric weights, folded back from one period
  // on, must have decayed by e⁻³⁸ even for the values left of k.
  const window = Math.min(20 * deviation + 26 * jump, n * reach(factors) + 1);
  const wanted = Math.ceil(target === "tail" ? Math.max(window, 38 / theta + Math.min(window / 2, k)) : window);
  if ((wanted / 2) * cost(factors) > MOST_WORK) return null;
  const size = wanted % 2 === 0 ? wanted + 1 : wanted; // odd: every frequency but 0 has its mirror image
  const terms = factors.map((factor) => new TiltedFactor(factor, theta, n));
  let sum = 0;
  let sizes = 0;
  for (let m = 0; m <= (size - 1) / 2; m++) {
    const angle = (2 * Math.PI * m) / size;
    let logModulus = 0;
    for (const term of terms) {
      logModulus += term.logModulus(angle);
      if (logModulus < NEGLIGIBLE) break;
    }
    if (logModulus < NEGLIGIBLE) continue;
    let phase = (-2 * Math.PI * ((m * k) % size)) / size;
    for (const term of terms) phase += term.phase(angle);
    let real = Math.exp(logModulus) * Math.cos(phase);
    if (target === "tail") {
      // Divided by 1 − e^{−θ−it}, the transform of the weights e^{−θd}, d = 0, 1, 2 …
      const decay = Math.exp(-theta);
      const half = Math.sin(angle / 2);
      const re = -Math.expm1(-theta) + 2 * decay * half * half;
      const im = decay * Math.sin(angle);
      const imaginary = Math.exp(logModulus) * Math.sin(phase);
      real = (real * re + imaginary * im) / (re * re + im * im);
    }
    sum += m === 0 ? real : 2 * real;
    sizes += m === 0 ? Math.abs(real) : 2 * Math.abs(real);
  }
  const positive = Math.max(sum, Number.MIN_VALUE);
  return { logP: Math.min(0, n * value - theta * k + Math.log(positive / size)), cancellation: sizes / positive };
}

/** Values read at a typical frequency: two-valued factors are cheap, and the first few of them settle most frequencies. */
function cost(factors: readonly Factor[]): number {
  const values = factors.reduce((sum, factor) => sum + factor.values.length, 0);
  return values === 2 * factors.length ? Math.min(factors.length, 3) : values;
}

/** n·count copies of one tilted factor, in the frequency domain. */
class TiltedFactor {
  readonly #values: Float64Array;
  readonly #masses: Float64Array;
  readonly #copies: number;
  /** Σ p(v)·p(v + 1). */
  #neighbours = 0;
  #real = 0;
  #imaginary = 0;

  constructor(factor: Factor, theta: number, n: number) {
    this.#values = factor.values;
    this.#masses = new Float64Array(factor.values.length);
    this.#copies = n * factor.count;
    tilt(factor, theta, this.#masses);
    for (let i = 1; i < this.#values.length; i++) {
      if (this.#values[i]! - this.#values[i - 1]! === 1) this.#neighbours += this.#masses[i - 1]! * this.#masses[i]!;
    }
  }

  /** ln |φ(angle)|ⁿ; remembers φ for `phase`. Of a negligible one only some upper bound that is negligible too. */
  logModulus(angle: number): number {
    const values = this.#values;
    const masses = this.#masses;
    if (values.length === 2) {
      const mass = masses[1]!;
      const half = Math.sin((angle * values[1]!) / 2);
      // |1 − π + π e^{iα}|² = 1 − 4π(1 − π) sin²(α/2)
      const rest = masses[0]!;
      this.#real = 1 - 2 * mass * half * half;
      this.#imaginary = Number.NaN;
      return 0.5 * this.#copies * Math.log1p(-Math.min(1, 4 * mass * rest * half * half));
    }
    // |φ|² = 1 − 4 Σ p(v)·p(w)·sin²(α(v − w)/2) over all pairs, no more than with the neighbours alone. Nearly all frequencies of a long
    // text end here, at one sine instead of two a value.
    const step = Math.sin(angle / 2);
    const bound = 0.5 * this.#copies * Math.log1p(-Math.min(1, 4 * this.#neighbours * step * step));
    if (bound < 1.01 * NEGLIGIBLE) return bound;
    // 1 − Re φ is summed instead of Re φ, so that frequencies near 0 lose nothing.
    let lack = 0;
    let imaginary = 0;
    for (let i = 0; i < values.length; i++) {
      const half = Math.sin((angle * values[i]!) / 2);
      const mass = masses[i]!;
      lack += 2 * mass * half * half;
      imaginary += mass * Math.sin(angle * values[i]!);
    }
    this.#real = 1 - lack;
    this.#imaginary = imaginary;
    return 0.5 * this.#copies * Math.log1p(Math.max(-1, lack * (lack - 2) + imaginary * imaginary));
  }

  /** Argument of φⁿ at the angle given last to `logModulus`. */
  phase(angle: number): number {
    const imaginary =
      this.#values.length === 2 ? this.#masses[1]! * Math.sin(angle * this.#values[1]!) : this.#imaginary;
    return this.#copies * Math.atan2(imaginary, this.#real);
  }
}
