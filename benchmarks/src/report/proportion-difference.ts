import { wilsonShare } from "./share.ts";

/** A difference with a 95 % interval. */
export interface Difference {
  readonly difference: number;
  readonly lower: number;
  readonly upper: number;
}

/** An estimate with its own 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * First minus second, of two independent estimates that each have an interval: the distances from estimate to bound are added in
 * squares (Zou and Donner 2008, "Construction of confidence limits about effect measures", equation 2).
 */
export function estimateDifference(first: Estimate, second: Estimate): Difference {
  const difference = first.value - second.value;
  return Object.freeze({
    difference,
    lower: difference - Math.hypot(first.value - first.lower, second.upper - second.value),
    upper: difference + Math.hypot(first.upper - first.value, second.value - second.lower),
  });
}

/**
 * First proportion minus second with a 95 % interval, of independent samples (Newcombe 1998, "Interval estimation for the difference
 * between independent proportions", method 10: from Wilson's intervals without continuity correction).
 *
 * @throws RangeError unless 0 ≤ count ≤ n of both, n ≥ 1.
 */
export function proportionDifference(
  first: { readonly count: number; readonly n: number },
  second: { readonly count: number; readonly n: number },
): Difference {
  const [a, b] = [first, second].map(({ count, n }) => {
    if (n < 1) throw new RangeError(`n: wanted at least 1, got ${n}`);
    const { share, lower, upper } = wilsonShare(count, n);
    return { value: share, lower, upper };
  });
  return estimateDifference(a!, b!);
}
