import { logBinomialMass, logGammaUpperTail } from "@tokenmark/stats";

/** Options of TextSeal's localisation. */
export interface LocaliseOptions {
  readonly alpha: number;
  readonly minLength: number;
  readonly maxRegions: number;
  /** Variance of one score: 1 for one key, α² + (1 − α)² for two. */
  readonly baseVariance: number;
}

/** From index, to index (exclusive). */
export type Region = readonly [from: number, to: number];

/** What TextSeal's localisation finds; logarithms are natural. */
export interface Localisation {
  readonly windows: number;
  /** How many strategies the smallest p is corrected for. */
  readonly k: number;
  readonly logP: Readonly<Record<string, number>>;
  readonly finalLogP: number;
  readonly winner: string;
  readonly single: Region | null;
  readonly greedy: readonly Region[];
  readonly multi: readonly Region[];
}

/** TextSeal corrects several regions for so many numbers of regions. */
const REGION_COUNTS = 5;

/**
 * TextSeal v0.2's localisation, as the engine does it: windows of 2^k positions at half-length stride, the best by z, corrected by their number;
 * further regions greedily, their union scored once and corrected by the number of choices; the smallest of all, times the number of strategies.
 *
 * Its flaws are kept: a region that is clipped where it meets another is none of the windows that were counted, and the
 * regions are chosen by the same scores that then test them.
 */
export function localise(
  scores: readonly number[],
  weights: readonly number[] | null,
  options: LocaliseOptions,
): Localisation {
  const { alpha, minLength, maxRegions, baseVariance } = options;
  const n = scores.length;
  const ones = scores.map(() => 1);
  const plain = prefixSums(scores, ones);
  const sums = weights === null ? plain : prefixSums(scores, weights);
  const tail = (regions: readonly Region[], of: PrefixSums): number => {
    const { score, weight, squares } = momentsOf(regions, of);
    const variance = squares * baseVariance;
    return weight === 0 ? 0 : Math.min(0, logGammaUpperTail(weight ** 2 / variance, (score * weight) / variance));
  };
  const z = (region: Region): number => {
    const { score, weight, squares } = momentsOf([region], sums);
    return (score - weight) / Math.sqrt(squares * baseVariance);
  };

  const windows: Region[] = [];
  let length = 1;
  while (length < minLength) length *= 2;
  for (; length <= n; length *= 2) {
    for (let from = 0; from + length <= n; from += length / 2) windows.push([from, from + length]);
  }
  const count = windows.length;
  const corrected = (region: Region): number => Math.min(0, tail([region], sums) + Math.log(count));

  const ranked = [...windows].sort((a, b) => z(b) - z(a));
  const single = ranked[0] ?? null;
  const greedy: Region[] = [];
  for (const window of ranked) {
    if (greedy.length >= maxRegions) break;
    const region = clip(window, greedy);
    if (region === null || region[1] - region[0] < minLength) continue;
    if (corrected(region) < Math.log(alpha)) greedy.push(region);
  }
  const multi = greedy.length >= 2 ? greedy : [];
  const logP: Record<string, number> = {};
  if (weights !== null) logP.global_weighted = tail([[0, n]], sums);
  logP.global_unweighted = tail([[0, n]], plain);
  logP.localized_single = single === null ? 0 : corrected(single);
  const choices = multi.length === 0 ? 0 : logChoose(count, multi.length) + Math.log(REGION_COUNTS);
  logP.localized_multi = multi.length === 0 ? 0 : Math.min(0, tail(multi, sums) + choices);
  const k = Object.keys(logP).length;
  const [winner, least] = Object.entries(logP).reduce((best, entry) => (entry[1] < best[1] ? entry : best));
  return { windows: count, k, logP, finalLogP: Math.min(0, least + Math.log(k)), winner, single, greedy, multi };
}

/** What of a window lies beside the regions taken already. */
function clip([from, to]: Region, taken: readonly Region[]): Region | null {
  let [start, end] = [from, to];
  for (const [left, right] of taken) {
    if (right <= start || left >= end) continue;
    if (left <= start && right >= end) return null;
    if (left <= start) start = right;
    else if (right >= end) end = left;
    else if (left - start >= end - right) end = left;
    else start = right;
  }
  return start < end ? [start, end] : null;
}

/** Sums of weighted scores, weights and their squares up to each place. */
type PrefixSums = readonly [score: Float64Array, weight: Float64Array, squares: Float64Array];

function prefixSums(scores: readonly number[], weights: readonly number[]): PrefixSums {
  const upTo = (term: (i: number) => number): Float64Array => {
    const sums = new Float64Array(scores.length + 1);
    for (let i = 0; i < scores.length; i++) sums[i + 1] = sums[i]! + term(i);
    return sums;
  };
  return [upTo((i) => scores[i]! * weights[i]!), upTo((i) => weights[i]!), upTo((i) => weights[i]! ** 2)];
}

function momentsOf(
  regions: readonly Region[],
  sums: PrefixSums,
): { readonly score: number; readonly weight: number; readonly squares: number } {
  const [score, weight, squares] = sums.map((upTo) =>
    regions.reduce((total, [from, to]) => total + upTo[to]! - upTo[from]!, 0),
  );
  return { score: score!, weight: weight!, squares: squares! };
}

/** ln of n over k. */
function logChoose(n: number, k: number): number {
  return logBinomialMass(k, n, 0.5) + n * Math.LN2;
}
