import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { knownLaw } from "@tokenmark/detector";
import { createProbe, type Predictions, type Tally, type Transcript } from "@tokenmark/radioactivity";
import { type Law, lawMean, lawVariance, log1mExp, logGammaUpperTail, upperTail } from "@tokenmark/stats";

/** Transcripts under one key, and what a student predicts along them. */
export interface KeyedReading {
  readonly scheme: WatermarkScheme;
  readonly transcripts: readonly Transcript[];
  readonly predictions: readonly Predictions[];
}

/** Where the student follows the keys, and where it avoids what they prefer. */
export interface SignedTest {
  /** Unique units over all keys. */
  readonly tokensScored: number;
  /** Exact upper tail over the units of all keys: a student that follows them. */
  readonly log10PValue: number;
  /** Below 0 where the student avoids what the keys prefer. */
  readonly zScore: number;
  /**
   * Either way, in any stratum: exact two-sided p of each stratum by how often its contexts stand in the training set, joined by Fisher's method
   * (1932). A copier who takes a bias away takes too little where contexts are rare or too much where they are not, unless it knows the key.
   */
  readonly eitherWayLog10PValue: number;
  readonly strata: readonly StratumScore[];
}

/** Units whose contexts stand in the training set so often. */
export interface StratumScore {
  readonly from: number;
  readonly to: number | null;
  readonly tokensScored: number;
  readonly zScore: number;
  /** Twice the smaller of both exact tails, at most 1. */
  readonly twoSidedLog10PValue: number;
}

const STRATA = [1, 2, 4, 8, 16, 64] as const;

/** How often each context of a width is followed by a token of the training set. */
function contextCounts(transcripts: readonly Transcript[], width: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { prompt, tokens } of transcripts) {
    const all = [...Array.from(prompt), ...Array.from(tokens)];
    for (let end = Math.max(width, prompt.length); end < all.length; end++) {
      const context = all.slice(end - width, end).join();
      counts.set(context, (counts.get(context) ?? 0) + 1);
    }
  }
  return counts;
}

const stratumOf = (count: number): number => STRATA.findLastIndex((from) => count >= from);

/** Evidence of one key: of all units, and of each stratum's. */
function tallyReading(
  { scheme, transcripts, predictions }: KeyedReading,
  trained: readonly Transcript[],
): { readonly all: Tally; readonly strata: readonly Tally[] } {
  const { width } = scheme.context;
  const counts = contextCounts(trained, width);
  const rows = transcripts.map(({ prompt, tokens }, t) => {
    const all = Int32Array.from([...Array.from(prompt), ...Array.from(tokens)]);
    const strata = Int8Array.from(predictions[t]!, (_, i) => {
      const end = prompt.length + i;
      return end < width ? -1 : stratumOf(counts.get(all.slice(end - width, end).join()) ?? 0);
    });
    return { tokens: all, start: prompt.length, candidates: predictions[t]!, strata };
  });
  const only = (keep: (stratum: number) => boolean): Tally =>
    createProbe(
      rows.map(({ strata, candidates, ...row }) => ({
        ...row,
        candidates: Int32Array.from(candidates as ArrayLike<number>, (token, i) => (keep(strata[i]!) ? token : -1)),
      })),
      width,
    ).tally(scheme);
  return { all: only(() => true), strata: STRATA.map((_, k) => only((stratum) => stratum === k)) };
}

type Sum = Pick<Tally, "tokensScored" | "statistic">;

/** Evidence of several keys, whose units have one law. */
const sumUp = (tallies: readonly Sum[]): Sum => ({
  tokensScored: tallies.reduce((sum, { tokensScored }) => sum + tokensScored, 0),
  statistic: tallies.reduce((sum, { statistic }) => sum + statistic, 0),
});

function zScore(law: Law, { tokensScored, statistic }: Sum): number {
  const deviation = Math.sqrt(tokensScored * lawVariance(law));
  return deviation > 0 ? (statistic - tokensScored * lawMean(law)) / deviation : 0;
}

/** Past the slack within which a statistic counts as the atom below it. */
const justAbove = (statistic: number): number => statistic + 1e-6 * Math.max(1, Math.abs(statistic));
/** 1 − P loses what is smaller; a p-value is never said to be. */
const LEAST_LOWER_TAIL = Math.log(1e-14);

function twoSided(law: Law, { tokensScored, statistic }: Sum): number {
  const upper = upperTail(law, tokensScored, statistic).log10PValue * Math.LN10;
  const above = upperTail(law, tokensScored, justAbove(statistic)).log10PValue * Math.LN10;
  const lower = above === 0 ? LEAST_LOWER_TAIL : Math.max(LEAST_LOWER_TAIL, log1mExp(above));
  return Math.min(0, Math.LN2 + Math.min(upper, lower));
}

/**
 * Whether a student depends on any of the keys, for it or against it.
 *
 * @param trained - what it was trained on, under whatever keys.
 * @throws TokenmarkError `bad-argument` for keys whose units differ in their law.
 */
export function testSigned(readings: readonly KeyedReading[], trained: readonly Transcript[]): SignedTest {
  const [law, ...others] = readings.map(({ scheme }) => knownLaw(scheme));
  if (law === undefined || others.some((other) => JSON.stringify(other) !== JSON.stringify(law))) {
    throw new TokenmarkError("bad-argument", "parts: wanted marks whose units have one null law, got several or none");
  }
  const tallies = readings.map((reading) => tallyReading(reading, trained));
  const all = sumUp(tallies.map((tally) => tally.all));
  let logSum = 0;
  let counted = 0;
  const strata = STRATA.map((from, s): StratumScore => {
    const own = sumUp(tallies.map((tally) => tally.strata[s]!));
    const logP = own.tokensScored === 0 ? 0 : twoSided(law, own);
    if (own.tokensScored > 0) {
      counted++;
      logSum -= logP;
    }
    return {
      from,
      to: STRATA[s + 1] === undefined ? null : STRATA[s + 1]! - 1,
      tokensScored: own.tokensScored,
      zScore: zScore(law, own),
      twoSidedLog10PValue: logP / Math.LN10,
    };
  });
  return {
    tokensScored: all.tokensScored,
    log10PValue: all.tokensScored === 0 ? 0 : upperTail(law, all.tokensScored, all.statistic).log10PValue,
    zScore: zScore(law, all),
    eitherWayLog10PValue: counted === 0 ? 0 : logGammaUpperTail(counted, logSum) / Math.LN10,
    strata,
  };
}
