import type { Factor } from "./unit-model.ts";

/** K(θ) of one unit and its first three derivatives. */
export interface Cumulants {
  readonly value: number;
  readonly first: number;
  readonly second: number;
  readonly third: number;
}

/** Largest value that one unit can take. */
export function reach(factors: readonly Factor[]): number {
  let sum = 0;
  for (const { values, count } of factors) sum += count * values[values.length - 1]!;
  return sum;
}

/** ln P[one unit takes its largest value]. */
export function logTopMass(factors: readonly Factor[]): number {
  let sum = 0;
  for (const { probabilities, count } of factors) sum += count * Math.log(probabilities[probabilities.length - 1]!);
  return sum;
}

/** The law of `reach − X`: turns a lower tail into an upper one. */
export function mirrored(factors: readonly Factor[]): Factor[] {
  return factors.map(({ values, probabilities, count }) => {
    const top = values[values.length - 1]!;
    return { values: values.map((value) => top - value).reverse(), probabilities: probabilities.toReversed(), count };
  });
}

/** P[value i] under the tilt θ: probabilities[i]·exp(θ·values[i]), normalised. Returns the log of the normaliser. */
export function tilt(factor: Factor, theta: number, out: Float64Array): number {
  const { values, probabilities } = factor;
  // The largest exponent stands at an end: values rise.
  const high = Math.max(0, theta * values[values.length - 1]!);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const mass = probabilities[i]! * Math.exp(theta * values[i]! - high);
    out[i] = mass;
    total += mass;
  }
  for (let i = 0; i < values.length; i++) out[i]! /= total;
  if (Math.abs(theta) * values[values.length - 1]! > 0.5) return Math.log(total) + high;
  // Near θ = 0 the normaliser is almost 1 and n copies would multiply its rounding: sum what it has beyond 1.
  let excess = 0;
  for (let i = 0; i < values.length; i++) excess += probabilities[i]! * Math.expm1(theta * values[i]!);
  return Math.log1p(excess);
}

/** Cumulant generating function of one unit at θ (Daniels 1954, "Saddlepoint approximations in statistics", section 2). */
export function cumulants(factors: readonly Factor[], theta: number): Cumulants {
  let value = 0;
  let first = 0;
  let second = 0;
  let third = 0;
  for (const factor of factors) {
    const { values, count } = factor;
    const masses = new Float64Array(values.length);
    value += count * tilt(factor, theta, masses);
    let mean = 0;
    for (let i = 0; i < values.length; i++) mean += values[i]! * masses[i]!;
    let square = 0;
    let cube = 0;
    for (let i = 0; i < values.length; i++) {
      const gap = values[i]! - mean;
      square += gap * gap * masses[i]!;
      cube += gap * gap * gap * masses[i]!;
    }
    first += count * mean;
    second += count * square;
    third += count * cube;
  }
  return { value, first, second, third };
}

/** θ with K′(θ) = target, for a target strictly inside the unit's range; bracketed Newton steps. */
export function saddlepoint(factors: readonly Factor[], target: number): number {
  const scale = 1 / reach(factors);
  let low = 0;
  let high = 0;
  const start = cumulants(factors, 0);
  if (start.first === target) return 0;
  const direction = start.first < target ? 1 : -1;
  for (let bound = scale; ; bound *= 2) {
    const at = cumulants(factors, direction * bound);
    if (direction > 0 ? at.first >= target : at.first <= target) {
      if (direction > 0) high = bound;
      else low = -bound;
      break;
    }
    if (direction > 0) low = bound;
    else high = -bound;
    if (bound > 1e6 * scale * (1 + reach(factors))) return direction * bound;
  }
  let theta = (low + high) / 2;
  for (let i = 0; i < 100; i++) {
    const { first, second } = cumulants(factors, theta);
    if (first > target) high = theta;
    else low = theta;
    const newton = theta - (first - target) / second;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - theta) <= 1e-12 * Math.abs(next)) return next;
    theta = next;
  }
  return theta;
}
