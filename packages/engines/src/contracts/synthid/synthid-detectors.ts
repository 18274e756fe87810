import { logBinomialUpperTail, logNormalUpperTail } from "@tokenmark/stats";
import { popcount } from "./popcount.ts";

/** What detectors of SynthID compute from the g-values of the n-grams that count. */
export interface SynthidScores {
  /** Share of ones; NaN without an n-gram, as in the engines. */
  readonly mean: number;
  /** The same with weights falling from 10 to 1 over the layers. */
  readonly weightedMean: number;
  readonly ones: number;
  readonly bits: number;
  /** ln P[Bin(bits, ½) ≥ ones]. */
  readonly logBinomialP: number;
  readonly weightedZ: number;
  readonly weightedNormalP: number;
}

/** Weights of the weighted mean, scaled to sum up to the depth. */
export function fallingWeights(depth: number): readonly number[] {
  const raw = Array.from({ length: depth }, (_, l) => (depth === 1 ? 10 : 10 - (9 * l) / (depth - 1)));
  return scaled(raw);
}

function scaled(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (weight * weights.length) / sum);
}

/** Σ w·g over all n-grams, divided by depth and number. */
export function weightedMean(words: ArrayLike<number>, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < words.length; i++) {
    for (let l = 0; l < weights.length; l++) if ((words[i]! >>> l) & 1) sum += weights[l]!;
  }
  return sum / (weights.length * words.length);
}

/** As {@link weightedMean} with weights of one's own, scaled likewise. */
export function customMean(words: ArrayLike<number>, weights: readonly number[]): number {
  return weightedMean(words, scaled(weights));
}

/** The statistics of DeepMind's, MarkLLM's and the frequentist detectors. */
export function synthidScores(words: ArrayLike<number>, depth: number): SynthidScores {
  const n = words.length;
  let ones = 0;
  for (let i = 0; i < n; i++) ones += popcount(words[i]!);
  const bits = depth * n;
  const weights = fallingWeights(depth);
  const weighted = weightedMean(words, weights);
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
  const weightedZ = (weighted * depth - depth / 2) / Math.sqrt(squares / (4 * n));
  return {
    mean: ones / bits,
    weightedMean: weighted,
    ones,
    bits,
    logBinomialP: logBinomialUpperTail(ones, bits, 0.5),
    weightedZ,
    weightedNormalP: n === 0 ? Number.NaN : Math.exp(logNormalUpperTail(weightedZ)),
  };
}

/** What the history holds before the first position. */
const ZERO_HASH = "0,0";

/** 1 where the context of n − 1 tokens is not among those of the latest `history` positions; the last token is in no context. */
export function repetitionMask(hashes: readonly string[], history: number): Uint8Array {
  // Repeats enter the history too, so the latest occurrence decides.
  const latest = new Map<string, number>([[ZERO_HASH, -1]]);
  return Uint8Array.from(hashes, (hash, i) => {
    const before = latest.get(hash);
    latest.set(hash, i);
    return before !== undefined && i - before <= history ? 0 : 1;
  });
}

/** 1 before the first end token, 0 from there on. */
export function eosMask(tokens: ArrayLike<number>, eos: number): Uint8Array {
  let open = 1;
  return Uint8Array.from({ length: tokens.length }, (_, i) => {
    if (tokens[i] === eos) open = 0;
    return open;
  });
}

/** Share of ones that marked text of uniform logits has: 1 − E[½^distinct] over N draws from V tokens. */
export function expectedMeanG(vocabSize: number, leaves: number): number {
  let distinct = [1];
  for (let draw = 0; draw < leaves; draw++) {
    const next = new Array<number>(distinct.length + 1).fill(0);
    distinct.forEach((p, d) => {
      next[d]! += (p * d) / vocabSize;
      next[d + 1]! += (p * (vocabSize - d)) / vocabSize;
    });
    distinct = next;
  }
  return 1 - distinct.reduce((sum, p, d) => sum + p * 0.5 ** d, 0);
}
