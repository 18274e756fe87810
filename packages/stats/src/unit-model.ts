import { commonStep } from "./common-step.ts";
import type { Law } from "./law.ts";
import type { GammaPart } from "./log-gamma-mixture-tail.ts";

/** `count` independent copies of one finite variable inside a unit; values from 0 up, distinct, probabilities positive. */
export interface Factor {
  readonly values: Float64Array;
  readonly probabilities: Float64Array;
  readonly count: number;
}

/**
 * What a law's unit is to the tails: n units sum to n·offset + step·X, X a sum of n copies of every factor. On a lattice
 * the factors' values are integers; a scattered law has step 1 and real values.
 */
export type UnitModel =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "gamma"; readonly parts: readonly GammaPart[] }
  | {
      readonly kind: "binomial";
      readonly p: number;
      readonly trials: number;
      readonly offset: number;
      readonly step: number;
    }
  | DiscreteModel;

/** A unit with several values: on a lattice, or scattered. */
export interface DiscreteModel {
  readonly kind: "lattice" | "scattered";
  readonly factors: readonly Factor[];
  readonly offset: number;
  readonly step: number;
}

/** Finest lattice looked for: multiples of a step up to this many. */
const MOST_STEPS = 1_000_000;

/** Reads a checked law once. */
export function unitModel(law: Law): UnitModel {
  switch (law.family) {
    case "exponential":
      return { kind: "gamma", parts: grouped(law.weights).map(([weight, shape]) => ({ weight, shape })) };
    case "bernoulli":
      return bernoulliModel(law.p, law.weights);
    case "lattice":
      return latticeModel(law.values, law.probabilities);
    default:
      return law satisfies never;
  }
}

/** Distinct positive weights with how often each occurs, largest first. */
function grouped(weights: readonly number[]): [weight: number, count: number][] {
  const counts = new Map<number, number>();
  for (const weight of weights) if (weight > 0) counts.set(weight, (counts.get(weight) ?? 0) + 1);
  return [...counts].sort((a, b) => b[0] - a[0]);
}

function bernoulliModel(p: number, weights: readonly number[]): UnitModel {
  const groups = grouped(weights);
  if (p === 0) return { kind: "constant", value: 0 };
  if (p === 1) return { kind: "constant", value: groups.reduce((sum, [weight, count]) => sum + weight * count, 0) };
  const [first] = groups;
  if (groups.length === 1 && first !== undefined) {
    return { kind: "binomial", p, trials: first[1], offset: 0, step: first[0] };
  }
  const step = commonStep(
    groups.map(([weight]) => weight),
    MOST_STEPS,
  );
  const probabilities = Float64Array.of(1 - p, p);
  const factors = groups.map(([weight, count]) => ({
    values: Float64Array.of(0, step === null ? weight : Math.round(weight / step)),
    probabilities,
    count,
  }));
  return { kind: step === null ? "scattered" : "lattice", factors, offset: 0, step: step ?? 1 };
}

function latticeModel(values: Float64Array, probabilities: Float64Array): UnitModel {
  const order = Array.from(values.keys())
    .filter((i) => probabilities[i]! > 0)
    .sort((i, j) => values[i]! - values[j]!);
  const atoms: number[] = [];
  const masses: number[] = [];
  let total = 0;
  for (const i of order) {
    total += probabilities[i]!;
    if (atoms.length > 0 && atoms[atoms.length - 1] === values[i]) masses[masses.length - 1]! += probabilities[i]!;
    else {
      atoms.push(values[i]!);
      masses.push(probabilities[i]!);
    }
  }
  const offset = atoms[0]!;
  if (atoms.length === 1) return { kind: "constant", value: offset };
  const heights = Float64Array.from(atoms, (value) => value - offset);
  const shares = Float64Array.from(masses, (mass) => mass / total);
  if (atoms.length === 2) return { kind: "binomial", p: shares[1]!, trials: 1, offset, step: heights[1]! };
  const step = commonStep(heights, MOST_STEPS);
  const reals = step === null ? heights : heights.map((height) => Math.round(height / step));
  return {
    kind: step === null ? "scattered" : "lattice",
    factors: [{ values: reals, probabilities: shares, count: 1 }],
    offset,
    step: step ?? 1,
  };
}
