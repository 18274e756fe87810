import type { TokenSequence } from "@tokenmark/core";
import { logGammaUpperTail } from "@tokenmark/stats";
import type { KeyedUniforms } from "./exponential-scheme.ts";

/** What MarkLLM's EXP detectors sum up. */
export interface ExponentialSum {
  /** u of every scored token, in order. */
  readonly uniforms: readonly number[];
  /** Σ ln(1/(1 − u)), the quotient in float32, the logarithm and the sum in float64. */
  readonly total: number;
  /** Gamma tail of the sum, every position taken for new evidence; NaN where nothing is scored. */
  readonly p: number;
}

/** MarkLLM's EXP score of a text: every position from the `width`-th on, repeats included. */
export function exponentialSum(source: KeyedUniforms, width: number, tokens: TokenSequence): ExponentialSum {
  const uniforms: number[] = [];
  let total = 0;
  for (let at = width; at < tokens.length; at++) {
    source.seed(tokens, at - width, width);
    const u = source.uniform(tokens[at]!);
    uniforms.push(u);
    total += Math.log(Math.fround(1 / Math.fround(1 - u)));
  }
  return { uniforms, total, p: gammaTail(total, uniforms.length) };
}

/** P[Gamma(n, 1) ≥ sum], as `scipy.stats.gamma.sf(sum, n)`: NaN for n = 0. */
export function gammaTail(sum: number, n: number): number {
  return n < 1 ? Number.NaN : Math.exp(logGammaUpperTail(n, sum));
}
