import { log1mExp, logAddExp } from "./log-arithmetic.ts";
import { logGamma } from "./log-gamma.ts";
import type { Factor } from "./unit-model.ts";

/** Largest number of outcomes that is listed one by one (about 30 ms). */
const MOST_OUTCOMES = 50_000;

/** Every value of a sum in rising order, with ln P[sum = value] and ln P[sum ≥ value]. */
export interface SumTable {
  readonly values: Float64Array;
  readonly logMasses: Float64Array;
  readonly logTails: Float64Array;
}

/**
 * Lists every outcome of n units, or null if there are more than `most`. On a lattice the values are exact integers.
 */
export function smallSum(factors: readonly Factor[], n: number, most: number = MOST_OUTCOMES): SumTable | null {
  let outcomes = 1;
  for (const { values, count } of factors) {
    outcomes *= Math.exp(logGamma(n * count + values.length) - logGamma(n * count + 1) - logGamma(values.length));
    if (!(outcomes <= most)) return null;
  }
  let atoms: [value: number, logMass: number][] = [[0, 0]];
  for (const factor of factors) {
    const own = compositions(factor, n * factor.count);
    atoms = atoms.flatMap(([value, logMass]) =>
      own.map(([more, logMore]): [number, number] => [value + more, logMass + logMore]),
    );
  }
  return tabulate(atoms);
}

/** The law of the sum of `copies` draws: one multinomial term for every multiset of values. */
function compositions(factor: Factor, copies: number): [value: number, logMass: number][] {
  const { values, probabilities } = factor;
  const found: [number, number][] = [];
  // The recursion is as deep as the shorter of the two ways to write a multiset down.
  const byCounts = (index: number, left: number, value: number, logMass: number): void => {
    const logShare = Math.log(probabilities[index]!);
    if (index === values.length - 1) {
      found.push([value + left * values[index]!, logMass + left * logShare - logGamma(left + 1)]);
      return;
    }
    for (let taken = 0; taken <= left; taken++) {
      byCounts(
        index + 1,
        left - taken,
        value + taken * values[index]!,
        logMass + taken * logShare - logGamma(taken + 1),
      );
    }
  };
  const byDraws = (least: number, run: number, left: number, value: number, logMass: number): void => {
    if (left === 0) {
      found.push([value, logMass]);
      return;
    }
    for (let index = least; index < values.length; index++) {
      const length = index === least ? run + 1 : 1;
      byDraws(index, length, left - 1, value + values[index]!, logMass + Math.log(probabilities[index]! / length));
    }
  };
  if (copies < values.length) byDraws(0, 0, copies, 0, logGamma(copies + 1));
  else byCounts(0, copies, 0, logGamma(copies + 1));
  return found;
}

/** Sorts, and merges sums that differ only by rounding. */
function tabulate(atoms: [value: number, logMass: number][]): SumTable {
  atoms.sort((a, b) => a[0] - b[0]);
  const top = atoms[atoms.length - 1]![0];
  const values: number[] = [];
  const logMasses: number[] = [];
  for (const [value, logMass] of atoms) {
    const last = values.length - 1;
    if (last >= 0 && value - values[last]! <= 1e-12 * top) logMasses[last] = logAddExp(logMasses[last]!, logMass);
    else {
      values.push(value);
      logMasses.push(logMass);
    }
  }
  const logTails = new Float64Array(values.length);
  let tail = Number.NEGATIVE_INFINITY;
  for (let i = values.length - 1; i >= 0; i--) {
    tail = logAddExp(tail, logMasses[i]!);
    logTails[i] = Math.min(0, tail);
  }
  // Where the tail is most of the law, what lies below keeps more digits.
  let head = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length && head < -Math.LN2; i++) {
    logTails[i] = log1mExp(head);
    head = logAddExp(head, logMasses[i]!);
  }
  return { values: Float64Array.from(values), logMasses: Float64Array.from(logMasses), logTails };
}
