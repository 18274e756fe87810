import { requireCount, requireFinite, requirePositive, requireProbability } from "./argument-check.ts";

/**
 * Law of one unit's evidence in text written without the key. Plain data, the same three shapes that a scheme declares.
 *
 * ```ts
 * const green: Law = { family: "bernoulli", p: 0.25, weights: [1] };
 * const gumbel: Law = { family: "exponential", weights: [1] };
 * ```
 */
export type Law =
  /** Σ weights[j] · Bernoulli(p), independent. */
  | { readonly family: "bernoulli"; readonly p: number; readonly weights: readonly number[] }
  /** Σ weights[j] · Exp(1), independent. */
  | { readonly family: "exponential"; readonly weights: readonly number[] }
  /** A finite set of values; probabilities sum to 1 within 1e-9. */
  | { readonly family: "lattice"; readonly values: Float64Array; readonly probabilities: Float64Array };

/**
 * How a tail was computed. "exact": the law's own tail, to rounding. "saddlepoint": Lugannani and Rice's approximation.
 * "chernoff": an upper bound, for laws too sparse for the saddlepoint.
 */
export type TailMethod = "exact" | "saddlepoint" | "chernoff";

/** P[sum of n units ≥ statistic] in decades, and how it was found. */
export interface LawTail {
  /** log₁₀ P; 0 for certainty, −Infinity where the law cannot reach the statistic; never −0 and never NaN. */
  readonly log10PValue: number;
  readonly tail: TailMethod;
}

/**
 * Checks a law once, at the public border.
 *
 * @throws RangeError naming the field that is out of range.
 */
export function requireLaw(law: Law): void {
  switch (law.family) {
    case "bernoulli":
      requireProbability("law.p", law.p);
      requireWeights(law.weights);
      return;
    case "exponential":
      requireWeights(law.weights);
      return;
    case "lattice":
      requireAtoms(law.values, law.probabilities);
      return;
    default:
      law satisfies never;
      throw new RangeError(
        `law.family: wanted "bernoulli", "exponential" or "lattice", got ${String((law as { family?: unknown }).family)}`,
      );
  }
}

function requireWeights(weights: readonly number[]): void {
  requireCount("law.weights.length", weights.length, 1);
  let largest = 0;
  for (const weight of weights) {
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`law.weights: wanted finite numbers of at least 0, got ${weight}`);
    }
    largest = Math.max(largest, weight);
  }
  requirePositive("the largest of law.weights", largest);
}

function requireAtoms(values: ArrayLike<number>, probabilities: ArrayLike<number>): void {
  requireCount("law.values.length", values.length, 1);
  if (probabilities.length !== values.length) {
    throw new RangeError(
      `law.probabilities.length: wanted ${values.length} like the values, got ${probabilities.length}`,
    );
  }
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    requireFinite(`law.values[${i}]`, values[i]!);
    requireProbability(`law.probabilities[${i}]`, probabilities[i]!);
    total += probabilities[i]!;
  }
  if (Math.abs(total - 1) > 1e-9) throw new RangeError(`law.probabilities: wanted a sum of 1, got ${total}`);
}
