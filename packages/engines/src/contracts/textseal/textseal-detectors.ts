import type { TokenSequence } from "@tokenmark/core";
import {
  logBinomialMass,
  logBinomialUpperTail,
  logDualExponentialUpperTail,
  logGammaUpperTail,
  logNormalUpperTail,
} from "@tokenmark/stats";
import { numpySum32 } from "../../generators/numpy/float32-sum.ts";
import { fallingWeights } from "../synthid/synthid-detectors.ts";
import { type ScoringMethod, scoredPositions } from "./scored-positions.ts";
import {
  greenHashes,
  HASH_VALUES,
  textsealHash,
  textsealScore,
  textsealScore32,
  textsealUniform,
} from "./textseal-hash.ts";

/** TextSeal prints no p below this. */
const FLOOR = 1e-200;

/** Hash of each scored position under a key. */
export function scoredHashes(
  key: bigint,
  ngram: number,
  method: ScoringMethod,
  tokens: TokenSequence,
  shift = 0,
): readonly number[] {
  const hash = textsealHash(key);
  return scoredPositions(tokens, ngram, method).map((i) => {
    hash.load(tokens, i - ngram, ngram);
    return hash.hash(tokens[i]! + shift);
  });
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** ln of a mid-p binomial: the upper tail less half the point mass. */
function midP(successes: number, trials: number, p: number): number {
  const upper = Math.exp(logBinomialUpperTail(successes, trials, p));
  return Math.max(FLOOR, upper - Math.exp(logBinomialMass(successes, trials, p)) / 2);
}

/** What the detector of green tokens returns; logarithms are natural. */
export interface GreenDetection {
  readonly n: number;
  readonly score: number;
  readonly flags: readonly number[];
  readonly logUpper: number;
  readonly logMass: number;
  readonly p: number;
  /** Under the share that the hashes really have. */
  readonly logUpperOfShare: number;
}

/** TextSeal's detector of green tokens. */
export function detectGreen(hashes: readonly number[], gamma: number): GreenDetection {
  const flags = hashes.map((hash): number => (textsealUniform(hash) < Math.fround(gamma) ? 1 : 0));
  const [n, score] = [flags.length, total(flags)];
  const logUpper = logBinomialUpperTail(score, n, gamma);
  return {
    n,
    score,
    flags,
    logUpper,
    logMass: logBinomialMass(score, n, gamma),
    p: n === 0 ? 1 : midP(score, n, gamma),
    logUpperOfShare: logBinomialUpperTail(score, n, greenHashes(gamma) / HASH_VALUES),
  };
}

/** What the detector of gumbelmax returns. */
export interface GumbelDetection {
  readonly n: number;
  /** Summed in float32 steps, as the engine does. */
  readonly score32: number;
  readonly score: number;
  readonly p: number;
  /** ln of the tail of the sum in doubles. */
  readonly logP: number;
}

/** TextSeal's detector of gumbelmax: a Gamma tail of a float32 sum. */
export function detectGumbel(hashes: readonly number[]): GumbelDetection {
  const n = hashes.length;
  const score32 = total(hashes.map(textsealScore32));
  const score = total(hashes.map(textsealScore));
  const logP = n === 0 ? 0 : Math.min(0, logGammaUpperTail(n, score32));
  return {
    n,
    score32,
    score,
    p: Math.max(FLOOR, Math.exp(logP)),
    logP: n === 0 ? 0 : Math.min(0, logGammaUpperTail(n, score)),
  };
}

/** The layers of TextSeal's SynthID: layer d asks for the token t + stride · d. */
export interface TextsealLayers {
  readonly depth: number;
  readonly stride: number;
  readonly gamma: number;
}

/** g-values of every scored position, one list a position. */
export function layerBits(
  key: bigint,
  ngram: number,
  method: ScoringMethod,
  tokens: TokenSequence,
  { depth, stride, gamma }: TextsealLayers,
): readonly (readonly number[])[] {
  const limit = Math.fround(gamma);
  const layers = Array.from({ length: depth }, (_, d) => scoredHashes(key, ngram, method, tokens, stride * d));
  return (layers[0] ?? []).map((_, i) => layers.map((hashes): number => (textsealUniform(hashes[i]!) < limit ? 1 : 0)));
}

/** What the detector of SynthID returns. */
export interface LayersDetection {
  readonly n: number;
  readonly score: number;
  readonly perToken: readonly number[];
  readonly p: number;
  /** ln of the binomial tail; null with weights. */
  readonly logUpper: number | null;
}

/** TextSeal's detector of SynthID: mid-p binomial, or weights falling from 10 to 1 under a normal tail. */
export function detectLayers(bits: readonly (readonly number[])[], gamma: number, weighted: boolean): LayersDetection {
  const n = bits.length;
  const depth = bits[0]?.length ?? 0;
  const perToken = bits.map(total);
  if (!weighted) {
    const score = total(perToken);
    return {
      n,
      score,
      perToken,
      p: n === 0 ? 1 : midP(score, n * depth, gamma),
      logUpper: logBinomialUpperTail(score, n * depth, gamma),
    };
  }
  const weights = fallingWeights(depth);
  // Weights and the sum of each token in float32, tokens in doubles, as the engine adds.
  const weights32 = Float32Array.from(weights);
  const score = total(bits.map((row) => numpySum32(weights32.map((weight, d) => weight * row[d]!))));
  const spread = Math.sqrt(n * gamma * (1 - gamma) * total(weights.map((weight) => weight * weight)));
  const z = (score - n * depth * gamma) / spread;
  // As 1 − Φ(z) in doubles, which is 0 from z ≈ 8.3 on.
  const p = 1 - (1 - Math.exp(logNormalUpperTail(z)));
  return { n, score, perToken, p: n === 0 ? 1 : Math.max(FLOOR, p), logUpper: null };
}

/** Weights of the positions by the entropy before each: .1 to 1 over the entropies given. */
export function entropyWeights(entropies: readonly number[], positions: readonly number[]): readonly number[] {
  let [low, high] = [Math.min(...entropies), Math.max(...entropies)];
  if (high - low < 1e-6) [low, high] = [0, 5];
  return positions.map((i) => 0.1 + (0.9 * (entropies[i - 1]! - low)) / (high - low));
}

/** What TextSeal's dual-key detector is told; α is the share of key A. */
export interface DualSetting {
  readonly keyA: bigint;
  readonly keyB: bigint;
  readonly ngram: number;
  readonly alpha: number;
  readonly method: ScoringMethod;
}

/** What the dual-key detector returns. */
export interface DualDetection {
  readonly n: number;
  readonly fused: number;
  readonly hashesA: readonly number[];
  readonly hashesB: readonly number[];
  readonly unweighted: number;
  /** ln of the exact tail of the unweighted sum, whose law is taken as continuous. */
  readonly exactLogP: number;
  readonly weights: readonly number[] | null;
  readonly weightedSum: number | null;
  readonly weighted: number | null;
  /** The smaller of both, uncorrected, as the engine reports it. */
  readonly p: number;
}

/** TextSeal's dual-key detector (v0.2): moment-matched Gamma tails, the smaller of weighted and unweighted as its p. */
export function detectDual(
  setting: DualSetting,
  tokens: TokenSequence,
  entropies: readonly number[] | null,
): DualDetection {
  const { keyA, keyB, ngram, alpha, method } = setting;
  const hashesA = scoredHashes(keyA, ngram, method, tokens);
  const hashesB = scoredHashes(keyB, ngram, method, tokens);
  const scores = hashesA.map((hash, i) => alpha * textsealScore32(hash) + (1 - alpha) * textsealScore32(hashesB[i]!));
  const n = scores.length;
  const fused = total(scores);
  const variance = alpha ** 2 + (1 - alpha) ** 2;
  const unweighted = n === 0 ? 1 : gammaP(n / variance, fused / variance);
  const exactLogP = n === 0 ? 0 : Math.min(0, logDualExponentialUpperTail(n, alpha, 1 - alpha, fused));
  const base = { n, fused, hashesA, hashesB, unweighted, exactLogP };
  if (entropies === null || n === 0)
    return { ...base, weights: null, weightedSum: null, weighted: null, p: unweighted };
  const weights = entropyWeights(entropies, scoredPositions(tokens, ngram, method));
  const weightedSum = total(scores.map((score, i) => score * weights[i]!));
  const [sum, squares] = [total(weights), total(weights.map((weight) => weight * weight)) * variance];
  const weighted = gammaP(sum ** 2 / squares, (weightedSum * sum) / squares);
  return { ...base, weights, weightedSum, weighted, p: Math.min(weighted, unweighted) };
}

function gammaP(shape: number, x: number): number {
  return Math.exp(Math.min(0, logGammaUpperTail(shape, x)));
}
