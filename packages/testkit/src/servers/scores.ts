import type { LogitSource, TokenId } from "@tokenmark/core";
import seedrandom from "seedrandom";

/** The lowest float32: what llama.cpp writes for log 0, JSON having no infinity. */
export const lowestFloat = -3.4028234663852886e38;

/** Next-token scores of one position, with what normalises them. */
export interface Scores {
  /** Raw logits, dense; −Infinity for tokens that the source did not name. Not to be written to. */
  readonly logits: Float32Array;
  /** log Σ exp(logits). */
  readonly logTotal: number;
}

/** log Σ exp over a dense array. */
export function logSumExp(logits: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > max) max = logits[i]!;
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i]! - max);
  return max + Math.log(total);
}

/** A log-probability as an engine in single precision reports it: the logarithm of a float32 probability, as a float32. */
export function reportedLogprob(logprob: number): number {
  const probability = Math.fround(Math.exp(logprob));
  return probability === 0 ? lowestFloat : Math.fround(Math.log(probability));
}

/** Reads a source position by position. */
export interface Evaluator {
  /**
   * Scores after `tokens`. `cached` is how many of them lay in the KV cache when the position was computed: engines sum in
   * another order then, and the scores move by about `jitter`. With 0 nothing moves.
   */
  scoresAfter(tokens: readonly TokenId[], cached: number, signal?: AbortSignal): Promise<Scores>;
}

/** Options of {@link createEvaluator}. */
export interface EvaluatorOptions {
  readonly vocabularySize: number;
  /** Largest change of a logit between cached and uncached evaluation, in nats. */
  readonly jitter: number;
  /** Names the jitter: equal seeds, equal noise. */
  readonly seed: string;
}

const noiseLength = 4096;

/** Makes an evaluator over a source; sparse answers become dense. */
export function createEvaluator(source: LogitSource, options: EvaluatorOptions): Evaluator {
  const { vocabularySize, jitter, seed } = options;
  const random = seedrandom(`${seed}/jitter`);
  const noise = Float32Array.from({ length: noiseLength }, () => jitter * (2 * random() - 1));
  return {
    async scoresAfter(tokens: readonly TokenId[], cached: number, signal?: AbortSignal): Promise<Scores> {
      const { logits: given, candidates } = await source.next(tokens, signal === undefined ? {} : { signal });
      let logits = given;
      if (candidates !== undefined || given.length !== vocabularySize) {
        logits = new Float32Array(vocabularySize).fill(Number.NEGATIVE_INFINITY);
        for (let i = 0; i < given.length; i++) logits[candidates?.[i] ?? i] = given[i]!;
      }
      if (cached > 0 && jitter > 0) {
        const offset = Math.imul(cached, 0x9e3779b1) >>> 20;
        for (let i = 0; i < logits.length; i++) logits[i] = logits[i]! + noise[(i + offset) % noiseLength]!;
      }
      return { logits, logTotal: logSumExp(logits) };
    },
  };
}
