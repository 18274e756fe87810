import { requireCount, requireProbability } from "./argument-check.ts";

/**
 * Bonferroni's adjusted p-values, min(1, m·p): valid under any dependence.
 *
 * @throws RangeError if a value is no probability.
 */
export function bonferroni(pValues: ArrayLike<number>): number[] {
  return Array.from(checked(pValues), (p) => Math.min(1, p * pValues.length));
}

/**
 * Holm's step-down adjusted p-values (1979, "A simple sequentially rejective multiple test procedure"), in the order
 * given: never larger than Bonferroni's, valid under any dependence.
 *
 * @param tests - how many were made, where `pValues` are the smallest of them. @defaultValue as many as there are values
 * @throws RangeError if a value is no probability, or `tests` are fewer than the values.
 */
export function holm(pValues: ArrayLike<number>, tests: number = pValues.length): number[] {
  const values = checked(pValues);
  requireCount("tests", tests, values.length);
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const adjusted = new Array<number>(values.length);
  let floor = 0;
  order.forEach((index, rank) => {
    floor = Math.max(floor, Math.min(1, (tests - rank) * values[index]!));
    adjusted[index] = floor;
  });
  return adjusted;
}

function checked(pValues: ArrayLike<number>): number[] {
  const values = Array.from(pValues);
  values.forEach((p, i) => {
    requireProbability(`pValues[${i}]`, p);
  });
  return values;
}
