import { requireCount, requireFinite } from "./argument-check.ts";
import { logLatticeMass } from "./lattice-inversion.ts";
import { type Law, requireLaw } from "./law.ts";
import { logBinomialMass } from "./log-mass.ts";
import { smallSum } from "./small-sum.ts";
import { type DiscreteModel, unitModel } from "./unit-model.ts";
import { latticeIndex } from "./upper-tail.ts";

const SNAP = 1e-9;

/**
 * ln P[sum of n units = statistic]: the atom that a randomised p-value splits. −Infinity for an exponential law and for a
 * statistic that is no value of the sum (judged to 1e-9, as in `upperTail`).
 *
 * On a lattice, masses below 1e-13 of the tail beside them carry rounding noise, so a hole of the lattice may give a
 * very negative number instead of −Infinity.
 *
 * @throws RangeError if the law is malformed, n is no count, the statistic is not finite, or the law is discrete but
 * its sum too large for an exact answer.
 */
export function pointMass(law: Law, n: number, statistic: number): number {
  requireLaw(law);
  requireCount("n", n, 0);
  requireFinite("statistic", statistic);
  const model = unitModel(law);
  if (n === 0) return statistic === 0 ? 0 : Number.NEGATIVE_INFINITY;
  switch (model.kind) {
    case "gamma":
      return Number.NEGATIVE_INFINITY;
    case "constant":
      return near(statistic, n * model.value) ? 0 : Number.NEGATIVE_INFINITY;
    case "binomial": {
      const index = latticeIndex(model, n, statistic);
      if (!near(statistic, n * model.offset + index * model.step)) return Number.NEGATIVE_INFINITY;
      return logBinomialMass(index, n * model.trials, model.p);
    }
    case "lattice": {
      const index = latticeIndex(model, n, statistic);
      if (!near(statistic, n * model.offset + index * model.step)) return Number.NEGATIVE_INFINITY;
      const table = smallSum(model.factors, n);
      if (table === null) return known(logLatticeMass(model.factors, n, index), n);
      return table.logMasses[table.values.indexOf(index)] ?? Number.NEGATIVE_INFINITY;
    }
    case "scattered":
      return scatteredMass(model, n, statistic);
    default:
      return model satisfies never;
  }
}

function scatteredMass(model: DiscreteModel, n: number, statistic: number): number {
  const table = smallSum(model.factors, n);
  if (table === null) return known(null, n);
  const at = table.values.findIndex((value) => near(statistic, n * model.offset + value));
  return at < 0 ? Number.NEGATIVE_INFINITY : table.logMasses[at]!;
}

function near(statistic: number, value: number): boolean {
  return Math.abs(statistic - value) <= SNAP * Math.max(Math.abs(statistic), Math.abs(value));
}

function known(value: number | null, n: number): number {
  if (value === null) throw new RangeError(`n: wanted few enough units for exact masses of this law, got ${n}`);
  return value;
}
