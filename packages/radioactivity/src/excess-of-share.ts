import { TokenmarkError } from "@tokenmark/core";

/** What a pilot scored, and how its marked share compares. */
export interface ExcessPilot {
  /** The suspect's marked share over this pilot's, above 0. */
  readonly shareRatio: number;
  /** Mean score of a unit above what it is without the mark. */
  readonly excess: number;
  /** Units that it was measured on. */
  readonly tokensScored: number;
}

/** All pilots of one share. */
interface Pooled {
  readonly shareRatio: number;
  readonly excess: number;
}

/** A point of ln(excess) over ln(share), the suspect's share at 0. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** Refuses what is no share of a share. */
export function checkShareRatio(shareRatio: number): void {
  if (shareRatio > 0 && Number.isFinite(shareRatio)) return;
  throw new TokenmarkError("bad-argument", `shareRatio: wanted a number above 0, got ${shareRatio}`);
}

/** Pilots of the same share as one, by their units. */
function poolShares(pilots: readonly ExcessPilot[]): Pooled[] {
  const shares = new Map<number, { units: number; sum: number }>();
  for (const { shareRatio, excess, tokensScored } of pilots) {
    const { units, sum } = shares.get(shareRatio) ?? { units: 0, sum: 0 };
    shares.set(shareRatio, { units: units + tokensScored, sum: sum + tokensScored * excess });
  }
  return [...shares].map(([shareRatio, { units, sum }]) => ({ shareRatio, excess: sum / units }));
}

const slope = (from: Point, to: Point): number => (to.y - from.y) / (to.x - from.x);

/**
 * The excess score that pilots let expect of the suspect.
 *
 * One share: the excess is taken as linear in it (Sander et al. 2024 find it near linear). Several: between the two shares next to the suspect's, as
 * the power of the share that joins them. Beyond all of them that power goes on only where it leaves less than the linear rule would.
 *
 * @param pilots - at least one.
 * @returns 0 or less where the pilots of some share, taken together, show nothing.
 */
export function excessOfShare(pilots: readonly ExcessPilot[]): number {
  const pooled = poolShares(pilots);
  const least = Math.min(...pooled.map(({ excess }) => excess));
  if (!(least > 0)) return least;
  const points = pooled
    .map(({ shareRatio, excess }): Point => ({ x: -Math.log(shareRatio), y: Math.log(excess) }))
    .sort((a, b) => a.x - b.x);
  const first = points[0]!;
  const last = points.at(-1)!;
  const next = points.findIndex(({ x }) => x >= 0);
  const beyond = (from: Point, exponent: number): number => Math.exp(from.y - from.x * exponent);
  if (points.length === 1) return beyond(first, 1);
  if (next === 0) return beyond(first, Math.max(1, slope(first, points[1]!)));
  if (next === -1) return beyond(last, Math.min(1, slope(points.at(-2)!, last)));
  return beyond(points[next]!, slope(points[next - 1]!, points[next]!));
}
