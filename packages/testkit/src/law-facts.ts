import type { NullLaw } from "@tokenmark/core";

/** Moments of one unit's evidence under a declared law, worked out here a second time so that tests do not ask the code they test. */
export interface LawFacts {
  readonly mean: number;
  readonly variance: number;
  /** Variance of (evidence − mean)²: fourth cumulant + 2·variance². */
  readonly squareVariance: number;
}

/** Cumulants add up over independent parts. Null for the law "unknown". */
export function lawFacts(law: NullLaw): LawFacts | null {
  switch (law.family) {
    case "bernoulli": {
      const { p, weights } = law;
      const spread = p * (1 - p);
      return fromCumulants(
        p * powerSum(weights, 1),
        spread * powerSum(weights, 2),
        spread * (1 - 6 * spread) * powerSum(weights, 4),
      );
    }
    case "exponential":
      return fromCumulants(powerSum(law.weights, 1), powerSum(law.weights, 2), 6 * powerSum(law.weights, 4));
    case "lattice": {
      const moment = (centre: number, power: number): number =>
        law.values.reduce((sum, value, i) => sum + law.probabilities[i]! * (value - centre) ** power, 0);
      const mean = moment(0, 1);
      const variance = moment(mean, 2);
      return { mean, variance, squareVariance: moment(mean, 4) - variance * variance };
    }
    case "unknown":
      return null;
    default:
      return law satisfies never;
  }
}

function fromCumulants(mean: number, variance: number, fourth: number): LawFacts {
  return { mean, variance, squareVariance: fourth + 2 * variance * variance };
}

function powerSum(weights: readonly number[], power: number): number {
  return weights.reduce((sum, weight) => sum + weight ** power, 0);
}
