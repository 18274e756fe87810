import { requireCount } from "./argument-check.ts";
import { leastAttainable } from "./attainable.ts";
import { type Law, requireLaw } from "./law.ts";
import { logBinomialUpperTail } from "./log-binomial-tail.ts";
import { logSaddlepointUpperTail } from "./saddlepoint-tail.ts";
import { smallSum } from "./small-sum.ts";
import { reach } from "./tilting.ts";
import { type DiscreteModel, type UnitModel, unitModel } from "./unit-model.ts";
import { latticeTail, modelTail } from "./upper-tail.ts";

/**
 * The smallest statistic whose p-value is at most alpha: P[sum of n units ≥ it] ≤ alpha, by the same tail that
 * `upperTail` reports. A discrete law on a lattice gives a value that the sum can take; a discrete law off any lattice
 * does so only where its sums can be listed.
 *
 * @param alpha - in (0, 1].
 * @returns +Infinity if not even the largest sum is that unlikely, and for a text of no units unless alpha is 1.
 * @throws RangeError if the law is malformed, n is no count, or alpha is outside (0, 1].
 */
export function criticalValue(law: Law, n: number, alpha: number): number {
  requireLaw(law);
  requireCount("n", n, 0);
  if (!(alpha > 0 && alpha <= 1)) throw new RangeError(`alpha: wanted a number in (0, 1], got ${alpha}`);
  const model = unitModel(law);
  if (n === 0) return alpha === 1 ? 0 : Number.POSITIVE_INFINITY;
  switch (model.kind) {
    case "constant":
      return alpha === 1 ? n * model.value : Number.POSITIVE_INFINITY;
    case "gamma":
      return realRoot(model, n, alpha, Number.POSITIVE_INFINITY);
    case "binomial": {
      const trials = n * model.trials;
      const index = firstInteger(
        trials,
        (k) => logBinomialUpperTail(k, trials, model.p) / Math.LN10 <= Math.log10(alpha),
      );
      return index > trials ? Number.POSITIVE_INFINITY : n * model.offset + index * model.step;
    }
    case "lattice":
      return latticeRoot(model, n, alpha);
    case "scattered":
      return scatteredRoot(model, n, alpha);
    default:
      return model satisfies never;
  }
}

function latticeRoot(model: DiscreteModel, n: number, alpha: number): number {
  const limit = Math.log10(alpha);
  const top = n * reach(model.factors);
  const passes = (k: number): boolean => latticeTail(model, n, k).log10PValue <= limit;
  if (!passes(top)) return Number.POSITIVE_INFINITY;
  // The saddlepoint says nearly where; a few exact tails settle it.
  const guess = firstInteger(top, (k) => logSaddlepointUpperTail(model.factors, n, k, true).logP / Math.LN10 <= limit);
  let low = Math.min(guess, top);
  let high = low;
  if (passes(low))
    for (let stride = 1; low > 0 && passes(low); stride *= 2) [low, high] = [Math.max(0, low - stride), low];
  else for (let stride = 1; !passes(high); stride *= 2) [low, high] = [high, Math.min(top, high + stride)];
  const index = low + firstInteger(high - low, (k) => passes(low + k));
  // A tail that drops after `index` shows an atom there; only an apparent hole is worth the table of all sums.
  const drop = latticeTail(model, n, index).log10PValue - latticeTail(model, n, index + 1).log10PValue;
  const attained = drop > 1e-8 ? index : leastAttainable(model.factors, n, index);
  return n * model.offset + attained * model.step;
}

function scatteredRoot(model: DiscreteModel, n: number, alpha: number): number {
  const table = smallSum(model.factors, n);
  if (table === null) return realRoot(model, n, alpha, n * (model.offset + reach(model.factors)));
  const at = table.logTails.findIndex((logTail) => logTail / Math.LN10 <= Math.log10(alpha));
  return at < 0 ? Number.POSITIVE_INFINITY : n * model.offset + table.values[at]!;
}

/** Least k in 0…top that passes, where everything above a passing k passes too; top + 1 if none does. */
function firstInteger(top: number, passes: (k: number) => boolean): number {
  let low = 0;
  let high = top + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Bisection to the last place, returning the passing end. */
function realRoot(model: UnitModel, n: number, alpha: number, top: number): number {
  const passes = (s: number): boolean => modelTail(model, n, s).log10PValue <= Math.log10(alpha);
  let low = model.kind === "scattered" ? n * model.offset : 0;
  if (passes(low)) return low;
  let high = Math.min(top, Math.max(1, 2 * n));
  while (!passes(high)) {
    if (high >= top) return Number.POSITIVE_INFINITY;
    low = high;
    high = Math.min(top, 2 * high);
  }
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (passes(middle)) high = middle;
    else low = middle;
  }
}
