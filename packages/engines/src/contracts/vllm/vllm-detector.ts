import type { TokenSequence } from "@tokenmark/core";
import { logDualExponentialUpperTail, logGammaUpperTail } from "@tokenmark/stats";
import { type VllmPrf, vllmScore } from "./vllm-prf.ts";

/** What vLLM's detector is told. */
export interface VllmDetectorSetting {
  readonly prf: VllmPrf;
  readonly second: { readonly prf: VllmPrf; readonly alpha: number } | null;
  readonly contextWidth: number;
  readonly deduplicate: boolean;
}

/** What vLLM's detector returns, and the words behind it. */
export interface VllmDetection {
  readonly scored: number;
  readonly score: number;
  /** As vLLM prints it: a Gamma tail, of two keys matched by two moments. */
  readonly p: number;
  /** ln of the exact tail of the same score. */
  readonly exactLogP: number;
  readonly words: readonly number[];
  readonly wordsB: readonly number[];
  /** 1 for each token that was scored. */
  readonly mask: readonly number[];
}

/** vLLM's detector: every context starts from −1, the first occurrence of each tuple of ids is scored. */
export function vllmDetect(setting: VllmDetectorSetting, tokens: TokenSequence): VllmDetection {
  const { prf, second, contextWidth, deduplicate } = setting;
  const padded = new Int32Array(contextWidth + tokens.length).fill(-1, 0, contextWidth);
  padded.set(tokens, contextWidth);
  const seen = new Set<string>();
  const words: number[] = [];
  const wordsB: number[] = [];
  const mask: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const context = padded.subarray(i, i + contextWidth).join();
    const isNew = !deduplicate || !seen.has(context);
    seen.add(context);
    mask.push(isNew ? 1 : 0);
    if (!isNew) continue;
    for (const [into, of] of [
      [words, prf],
      [wordsB, second?.prf],
    ] as const) {
      of?.load(padded, i, contextWidth);
      if (of !== undefined) into.push(of.word(tokens[i]!));
    }
  }
  const sum = (list: readonly number[]): number => list.reduce((total, word) => total + vllmScore(word), 0);
  const n = words.length;
  const alpha = second?.alpha ?? 0;
  const score = second === null ? sum(words) : (1 - alpha) * sum(words) + alpha * sum(wordsB);
  return {
    scored: n,
    score,
    p: second === null ? Math.exp(gammaTail(n, score)) : momentMatchedP(n, score, alpha),
    exactLogP: second === null ? gammaTail(n, score) : exactDualTail(n, score, alpha),
    words,
    wordsB,
    mask,
  };
}

function gammaTail(n: number, score: number): number {
  return n === 0 ? 0 : Math.min(0, logGammaUpperTail(n, score));
}

/** vLLM's p of two keys: Q(n/V, S/V), V = (1 − α)² + α²; right for α of 0, ½ and 1 only. */
export function momentMatchedP(n: number, score: number, alpha: number): number {
  if (n === 0) return 1;
  const variance = (1 - alpha) ** 2 + alpha ** 2;
  return Math.exp(Math.min(0, logGammaUpperTail(n / variance, score / variance)));
}

/** ln of the exact tail of (1 − α)·Gamma(n) + α·Gamma(n). */
export function exactDualTail(n: number, score: number, alpha: number): number {
  if (n === 0) return 0;
  if (alpha === 0 || alpha === 1) return gammaTail(n, score);
  return Math.min(0, logDualExponentialUpperTail(n, 1 - alpha, alpha, score));
}
