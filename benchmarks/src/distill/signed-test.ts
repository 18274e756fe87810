import type { WatermarkScheme } from "@tokenmark/core";
import { createProbe, type Predictions, type TallyTest, type Transcript, testTally } from "@tokenmark/radioactivity";
import { logGammaUpperTail } from "@tokenmark/stats";

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
  /** Exact upper tails of all keys joined by Fisher's method (1932): Σ −ln p over k keys is Gamma(k, 1) at most, since tails are conservative. */
  readonly log10PValue: number;
  /** Σ z / √k: below 0 where the student avoids what the keys prefer. */
  readonly zScore: number;
  /**
   * Either way, in any stratum: Σ z² over strata by how often a context stands in the training set is chi-square (normal approximation).
   * A copier who takes a bias away takes too little where contexts are rare or too much where they are not, unless it knows the key.
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
}

const STRATA = [1, 2, 4, 8, 16, 64] as const;
/** Fewer units are not near enough to normal. */
const LEAST_UNITS = 50;

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

/** Tests of one key: of all units, and of each stratum's. */
function testReading(
  { scheme, transcripts, predictions }: KeyedReading,
  trained: readonly Transcript[],
): { readonly all: TallyTest; readonly strata: readonly TallyTest[] } {
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
  const only = (keep: (stratum: number) => boolean): TallyTest =>
    testTally(
      scheme,
      createProbe(
        rows.map(({ strata, candidates, ...row }) => ({
          ...row,
          candidates: Int32Array.from(candidates as ArrayLike<number>, (token, i) => (keep(strata[i]!) ? token : -1)),
        })),
        width,
      ).tally(scheme),
    );
  return { all: only(() => true), strata: STRATA.map((_, k) => only((stratum) => stratum === k)) };
}

/** Whether a student depends on any of the keys, for it or against it. `trained`: what it was trained on, under whatever keys. */
export function testSigned(readings: readonly KeyedReading[], trained: readonly Transcript[]): SignedTest {
  const tests = readings.map((reading) => testReading(reading, trained));
  const decades = tests.reduce((sum, { all }) => sum - all.log10PValue, 0);
  const k = tests.length;
  const strata = STRATA.map((from, s): StratumScore => {
    const own = tests.map((test) => test.strata[s]!).filter(({ tokensScored }) => tokensScored > 0);
    return {
      from,
      to: STRATA[s + 1] === undefined ? null : STRATA[s + 1]! - 1,
      tokensScored: own.reduce((sum, { tokensScored }) => sum + tokensScored, 0),
      // Keys' shares of a stratum differ little; each counts by the root of its units.
      zScore: weightedZ(own),
    };
  });
  const counted = strata.filter(({ tokensScored }) => tokensScored >= LEAST_UNITS);
  const square = counted.reduce((sum, { zScore }) => sum + zScore ** 2, 0);
  return {
    tokensScored: tests.reduce((sum, { all }) => sum + all.tokensScored, 0),
    log10PValue: logGammaUpperTail(k, decades * Math.LN10) / Math.LN10,
    zScore: weightedZ(tests.map(({ all }) => all)),
    eitherWayLog10PValue: counted.length === 0 ? 0 : logGammaUpperTail(counted.length / 2, square / 2) / Math.LN10,
    strata,
  };
}

/** Stouffer's z, weighted by the root of units. */
function weightedZ(tests: readonly TallyTest[]): number {
  const units = tests.reduce((sum, { tokensScored }) => sum + tokensScored, 0);
  if (units === 0) return 0;
  return tests.reduce((sum, { zScore, tokensScored }) => sum + Math.sqrt(tokensScored) * zScore, 0) / Math.sqrt(units);
}
