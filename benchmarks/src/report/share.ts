import { type Interval, wilsonInterval } from "@tokenmark/stats";

/** A count out of a number of trials, with its share and a 95 % interval. */
export interface Share extends Interval {
  readonly count: number;
  readonly n: number;
  readonly share: number;
}

/**
 * A share with Wilson's 95 % interval; of no trials the share is NaN and the interval all of [0, 1].
 *
 * @throws RangeError unless 0 ≤ count ≤ n.
 */
export function wilsonShare(count: number, n: number): Share {
  return Object.freeze(
    n === 0
      ? { count, n, share: Number.NaN, lower: 0, upper: 1 }
      : { count, n, share: count / n, ...wilsonInterval(count, n, 0.95) },
  );
}
