import { type Law, requireLaw } from "./law.ts";

/**
 * Mean of one unit's evidence.
 *
 * @throws RangeError if the law is malformed.
 */
export function lawMean(law: Law): number {
  requireLaw(law);
  switch (law.family) {
    case "bernoulli":
      return law.p * power(law.weights, 1);
    case "exponential":
      return power(law.weights, 1);
    case "lattice":
      return latticeMoments(law.values, law.probabilities).mean;
    default:
      return law satisfies never;
  }
}

/**
 * Variance of one unit's evidence.
 *
 * @throws RangeError if the law is malformed.
 */
export function lawVariance(law: Law): number {
  requireLaw(law);
  switch (law.family) {
    case "bernoulli":
      return law.p * (1 - law.p) * power(law.weights, 2);
    case "exponential":
      return power(law.weights, 2);
    case "lattice":
      return latticeMoments(law.values, law.probabilities).variance;
    default:
      return law satisfies never;
  }
}

function power(weights: readonly number[], exponent: 1 | 2): number {
  let sum = 0;
  for (const weight of weights) sum += exponent === 1 ? weight : weight * weight;
  return sum;
}

function latticeMoments(values: Float64Array, probabilities: Float64Array): { mean: number; variance: number } {
  let mass = 0;
  let mean = 0;
  for (let i = 0; i < values.length; i++) {
    mass += probabilities[i]!;
    mean += values[i]! * probabilities[i]!;
  }
  mean /= mass;
  let variance = 0;
  for (let i = 0; i < values.length; i++) variance += (values[i]! - mean) ** 2 * probabilities[i]!;
  return { mean, variance: variance / mass };
}
