import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { type KnownLaw, knownLaw } from "@tokenmark/detector";
import { criticalValue, lawMean, lawVariance, logNormalUpperTail } from "@tokenmark/stats";
import { checkShareRatio, type ExcessPilot, excessOfShare } from "./excess-of-share.ts";
import type { Tally } from "./tally.ts";

/** A student whose marked share is known against the suspect's. */
export interface ProbePilot {
  readonly tally: Tally;
  /** Share of marked text in the suspect's training set over that in this pilot's, above 0. */
  readonly shareRatio: number;
}

/** What a probe is planned for. */
export interface ProbePlanOptions {
  /** Level of the test, in (0, 1). @defaultValue 1e-6 */
  readonly alpha?: number;
  /** Probability of finding the mark that is wanted, in (0, 1). @defaultValue 0.9 */
  readonly power?: number;
  /** Share of marked text in the suspect's training set over that in the pilot's. @defaultValue 1 */
  readonly shareRatio?: number;
  /** Pilots of other shares: the excess then goes by them all, instead of being linear in the share. @defaultValue none */
  readonly furtherPilots?: readonly ProbePilot[];
}

/** How large a probe has to be. Plain JSON data. */
export interface ProbeSize {
  /** Unique units needed; null where no number of them will do. */
  readonly tokensScored: number | null;
  /** Positions that hold so many unique units, by the pilot's growth; null beyond what can be extrapolated. */
  readonly positions: number | null;
  /** Score a unit that is counted on, and what it is without the mark. */
  readonly assumedScore: number;
  readonly expectedScore: number;
  /** True where more positions are needed than the pilot had: growth of unique units is then extrapolated. */
  readonly isExtrapolated: boolean;
}

const MOST_UNITS = 2 ** 40;

/** P(N ≥ critical(alpha, T)) with N normal, mean T · score, variance T · the law's. */
function powerOf(law: KnownLaw, score: number, units: number, alpha: number): number {
  const critical = criticalValue(law, units, alpha);
  if (!Number.isFinite(critical)) return 0;
  return Math.exp(logNormalUpperTail((critical - units * score) / Math.sqrt(units * lawVariance(law))));
}

/** Fewest units with which a mean score is found at a level with a power; null where no number of them will do. */
export function unitsNeeded(
  law: KnownLaw,
  score: number,
  { alpha, power }: { readonly alpha: number; readonly power: number },
): number | null {
  if (score <= lawMean(law)) return null;
  let enough = 1;
  while (enough < MOST_UNITS && powerOf(law, score, enough, alpha) < power) enough *= 2;
  if (enough >= MOST_UNITS) return null;
  let tooFew = enough / 2;
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (powerOf(law, score, middle, alpha) >= power) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/**
 * Unique units met by growing numbers of positions, by Heaps' law T = k · n^b fitted to the pilot's second half (by then the law has settled).
 */
function growthOf({ clusters, positions }: Tally): { k: number; b: number } {
  let met = 0;
  const half = Math.ceil(clusters.length / 2);
  for (const { tokensScored } of clusters.slice(0, half)) met += tokensScored;
  const all = clusters.reduce((sum, { tokensScored }) => sum + tokensScored, 0);
  const positionsAtHalf = (positions * half) / clusters.length;
  const b =
    met > 0 && all > met && half < clusters.length ? Math.log(all / met) / Math.log(positions / positionsAtHalf) : 1;
  const exponent = Math.min(1, Math.max(0.05, b));
  return { k: all / positions ** exponent, b: exponent };
}

/** Its excess score a unit; 0 or less: it shows no mark. */
function scoreOf({ tally, shareRatio }: ProbePilot, expected: number): ExcessPilot {
  const { tokensScored, statistic } = tally;
  return { shareRatio, tokensScored, excess: statistic / tokensScored - expected };
}

/**
 * Plans how large a probe set has to be, from pilots: students that are known to have read marked text, or a first look that is not counted.
 *
 * The suspect's excess score is what {@link excessOfShare} makes of the pilots', each unit's variance the law's own, and the sum taken as normal.
 * Unique units grow with positions as the pilot's do whose share is nearest to the suspect's.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function planProbe(scheme: WatermarkScheme, pilot: Tally, options: ProbePlanOptions = {}): ProbeSize {
  const { alpha = 1e-6, power = 0.9, shareRatio = 1, furtherPilots = [] } = options;
  for (const [name, value] of Object.entries({ alpha, power })) {
    if (!(value > 0 && value < 1)) {
      throw new TokenmarkError("bad-argument", `${name}: wanted a number strictly between 0 and 1, got ${value}`);
    }
  }
  const pilots: readonly ProbePilot[] = [{ tally: pilot, shareRatio }, ...furtherPilots];
  for (const { tally, shareRatio: ratio } of pilots) {
    checkShareRatio(ratio);
    if (tally.tokensScored === 0) throw new TokenmarkError("bad-argument", "pilot: wanted scored units, got none");
  }
  const law = knownLaw(scheme);
  const expectedScore = lawMean(law);
  const assumedScore = expectedScore + excessOfShare(pilots.map((one) => scoreOf(one, expectedScore)));
  const enough = unitsNeeded(law, assumedScore, { alpha, power });
  if (enough === null) {
    return { tokensScored: null, positions: null, assumedScore, expectedScore, isExtrapolated: false };
  }
  const distance = ({ shareRatio: ratio }: ProbePilot): number => Math.abs(Math.log(ratio));
  const { tally: nearest } = pilots.reduce((best, one) => (distance(one) < distance(best) ? one : best));
  const { k, b } = growthOf(nearest);
  const positions = Math.ceil((enough / k) ** (1 / b));
  return {
    tokensScored: enough,
    positions: Number.isSafeInteger(positions) ? positions : null,
    assumedScore,
    expectedScore,
    isExtrapolated: positions > nearest.positions,
  };
}
