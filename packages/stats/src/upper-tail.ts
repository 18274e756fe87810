import { requireCount } from "./argument-check.ts";
import { logLatticeUpperTail } from "./lattice-inversion.ts";
import { type Law, type LawTail, requireLaw } from "./law.ts";
import { logBinomialUpperTail } from "./log-binomial-tail.ts";
import { logTwoGammaUpperTail } from "./log-dual-exponential-tail.ts";
import { type GammaPart, logGammaMixtureUpperTail } from "./log-gamma-mixture-tail.ts";
import { logGammaUpperTail } from "./log-gamma-tail.ts";
import { logSaddlepointUpperTail, type SaddlepointTail } from "./saddlepoint-tail.ts";
import { type SumTable, smallSum } from "./small-sum.ts";
import { reach } from "./tilting.ts";
import { type DiscreteModel, type UnitModel, unitModel } from "./unit-model.ts";

/** How far a statistic may lie from a lattice point and still mean it, relative to its size: float sums lose no atom. */
const SNAP = 1e-9;

/**
 * P[sum of n independent units of `law` ≥ statistic], in decades, at any depth down to 10⁻¹⁰⁰⁰⁰⁰ and beyond.
 *
 * "exact" for equal weights (binomial, Gamma), for any exponential weights, for Bernoulli weights and values on a common
 * lattice within a bound on the work (depth 30 and 200 units: about 10 ms), and for a law off any lattice as long as its
 * sums can be listed. Beyond that "saddlepoint": Lugannani and Rice's approximation, lattice-corrected on a lattice; and
 * "chernoff", an upper bound of p, where a law is too sparse for that approximation.
 *
 * A statistic within 1e-9 (relative) of a value that the sum can take counts as that value.
 *
 * @param n - number of units, an integer of at least 0. The sum of none is 0.
 * @param statistic - any number; at or below the least possible sum the answer is 0 (certain), above the greatest −Infinity.
 * @throws RangeError if the law is malformed, n is no count, or the statistic is NaN.
 *
 * @example
 * ```ts
 * upperTail({ family: "bernoulli", p: 0.25, weights: [1] }, 200, 100).log10PValue; // −13.57…
 * ```
 */
export function upperTail(law: Law, n: number, statistic: number): LawTail {
  requireLaw(law);
  return modelTail(unitModel(law), n, statistic);
}

/** The same for a law that was read before: a caller with many statistics reads it once. */
export function modelTail(model: UnitModel, n: number, statistic: number): LawTail {
  requireCount("n", n, 0);
  if (Number.isNaN(statistic)) throw new RangeError("statistic: wanted a number, got NaN");
  if (statistic === Number.NEGATIVE_INFINITY) return exact(0);
  if (statistic === Number.POSITIVE_INFINITY) return exact(Number.NEGATIVE_INFINITY);
  if (n === 0) return exact(statistic <= 0 ? 0 : Number.NEGATIVE_INFINITY);
  switch (model.kind) {
    case "constant":
      return exact(statistic <= n * model.value + SNAP * Math.abs(n * model.value) ? 0 : Number.NEGATIVE_INFINITY);
    case "gamma":
      return exact(logGammaSum(model.parts, n, statistic));
    case "binomial":
      return exact(logBinomialUpperTail(latticeIndex(model, n, statistic), n * model.trials, model.p));
    case "lattice":
      return latticeTail(model, n, latticeIndex(model, n, statistic));
    case "scattered":
      return scatteredTail(model, n, statistic);
    default:
      return model satisfies never;
  }
}

/** Number of the first lattice point of the sum at or above the statistic, counted from the least sum. */
export function latticeIndex(
  model: { readonly offset: number; readonly step: number },
  n: number,
  statistic: number,
): number {
  const position = (statistic - n * model.offset) / model.step;
  const nearest = Math.round(position);
  const slack = SNAP * Math.max(1, Math.abs(position), Math.abs(statistic / model.step));
  return Math.abs(position - nearest) <= Math.min(0.25, slack) ? nearest : Math.ceil(position);
}

/** Sums with at most so many outcomes are listed before anything else is tried: it takes about a millisecond. */
const LISTED_FIRST = 2_000;

/** Tail of a lattice law at a point given by its number. */
export function latticeTail(model: DiscreteModel, n: number, index: number): LawTail {
  const few = smallSum(model.factors, n, LISTED_FIRST);
  if (few !== null) return exact(listedTail(few, index));
  const value = logLatticeUpperTail(model.factors, n, index);
  if (value !== null) return exact(value);
  const table = smallSum(model.factors, n);
  if (table !== null) return exact(listedTail(table, index));
  return approximate(logSaddlepointUpperTail(model.factors, n, index, true));
}

function listedTail(table: SumTable, least: number): number {
  const at = table.values.findIndex((value) => value >= least);
  return at < 0 ? Number.NEGATIVE_INFINITY : table.logTails[at]!;
}

function scatteredTail(model: DiscreteModel, n: number, statistic: number): LawTail {
  const height = statistic - n * model.offset;
  const slack = SNAP * Math.max(Math.abs(statistic), Math.abs(height));
  const table = smallSum(model.factors, n);
  if (table !== null) return exact(listedTail(table, height - slack));
  const top = n * reach(model.factors);
  const snapped = Math.abs(height - top) <= slack ? top : height;
  return approximate(logSaddlepointUpperTail(model.factors, n, snapped, false));
}

function logGammaSum(parts: readonly GammaPart[], n: number, statistic: number): number {
  const sums = parts.map(({ weight, shape }) => ({ weight, shape: n * shape }));
  const [first, second] = sums;
  if (sums.length === 1 && first !== undefined) return logGammaUpperTail(first.shape, statistic / first.weight);
  if (sums.length === 2 && first !== undefined && second !== undefined)
    return logTwoGammaUpperTail(first, second, statistic);
  return logGammaMixtureUpperTail(sums, statistic);
}

function exact(logP: number): LawTail {
  return { log10PValue: decades(logP), tail: "exact" };
}

function approximate({ logP, tail }: SaddlepointTail): LawTail {
  return { log10PValue: decades(logP), tail };
}

/** ln to log₁₀, never −0 or above 0. */
function decades(logP: number): number {
  return Math.min(0, logP / Math.LN10) + 0; // −0 + 0 = 0
}
