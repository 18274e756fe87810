import type { TokenSequence } from "@tokenmark/core";
import { logBinomialUpperTail, logGammaUpperTail, logNormalUpperTail } from "@tokenmark/stats";

/** Names of the four tests. */
export const METHODS = ["maryland", "marylandz", "openai", "openaiz"] as const;
/** One of Three Bricks' tests: exact tails, or z scores read off a normal law. */
export type ThreeBricksMethod = (typeof METHODS)[number];
/** Names of `scoring_method`. */
export const SCORINGS = ["none", "v1", "v2"] as const;
/** What is counted once: nothing, a context (v1), or a context with its token (v2). */
export type ThreeBricksScoring = (typeof SCORINGS)[number];

/** The engine's p-values never print below this. */
const LEAST_P = 1e-200;
/** Deviation of a Gumbel variable, which the engine takes for that of an exponential one, whose is 1. */
const GUMBEL_DEVIATION = Math.PI / Math.sqrt(6);

/** The positions that the detectors score: from the second scoreable one on, repeats left out as the scoring says. */
export function scoredPositions(tokens: TokenSequence, ngram: number, scoring: ThreeBricksScoring): readonly number[] {
  const seen = new Set<string>();
  const positions: number[] = [];
  for (let at = ngram + 1; at < tokens.length; at++) {
    if (scoring !== "none") {
      const last = scoring === "v1" ? at : at + 1;
      let name = "";
      for (let i = at - ngram; i < last; i++) name += `${tokens[i]},`;
      if (seen.has(name)) continue;
      seen.add(name);
    }
    positions.push(at);
  }
  return positions;
}

/** The p-value as the engine prints it, 1e-200 at least; NaN for no tokens, and from `maryland` for a score of 0. */
export function threeBricksP(method: ThreeBricksMethod, score: number, count: number, gamma: number): number {
  if (count === 0) return Number.NaN;
  return Math.max(tail(method, score, count, gamma), LEAST_P);
}

function tail(method: ThreeBricksMethod, score: number, count: number, gamma: number): number {
  switch (method) {
    case "maryland":
      return score === 0 ? Number.NaN : Math.exp(logBinomialUpperTail(score, count, gamma));
    case "marylandz":
      return Math.exp(logNormalUpperTail((score - gamma * count) / Math.sqrt(gamma * (1 - gamma) * count)));
    case "openai":
      return Math.exp(logGammaUpperTail(count, score));
    case "openaiz":
      return Math.exp(logNormalUpperTail(((score / count - 1) * Math.sqrt(count)) / GUMBEL_DEVIATION));
    default:
      return method satisfies never;
  }
}
