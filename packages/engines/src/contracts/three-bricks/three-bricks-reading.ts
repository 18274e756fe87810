import type { TokenSequence } from "@tokenmark/core";
import type { EngineReading } from "../../contract.ts";
import {
  scoredPositions,
  type ThreeBricksMethod,
  type ThreeBricksScoring,
  threeBricksP,
} from "./three-bricks-detectors.ts";

/** What a Three Bricks detector is told. */
export interface ThreeBricksTest {
  readonly method: ThreeBricksMethod;
  readonly scoring: ThreeBricksScoring;
  readonly ngram: number;
  readonly gamma: number;
}

/** A detector's count, score and p before anybody looks at them. */
export interface ThreeBricksResult {
  readonly count: number;
  readonly score: number;
  /** NaN where the engine prints NaN. */
  readonly p: number;
}

/** One of the four detectors on a text; `score` is the evidence of the token at a position. */
export function threeBricksResult(
  { method, scoring, ngram, gamma }: ThreeBricksTest,
  tokens: TokenSequence,
  score: (at: number) => number,
): ThreeBricksResult {
  const positions = scoredPositions(tokens, ngram, scoring);
  const total = positions.reduce((sum, at) => sum + score(at), 0);
  return { count: positions.length, score: total, p: threeBricksP(method, total, positions.length, gamma) };
}

const FAULTS: Readonly<Record<ThreeBricksMethod, readonly string[]>> = {
  maryland: ["A score of 0 prints NaN, not 1."],
  marylandz: ["The p is a normal tail, not the binomial one: too small in the far tail when γ is below one half."],
  openai: [],
  openaiz: [
    "The z uses the deviation π/√6 of a Gumbel variable where −ln(1 − u) has 1, and a normal tail: the p of a marked text is far too large.",
  ],
};

const REPEATS: Readonly<Record<ThreeBricksScoring, readonly string[]>> = {
  none: ["Every repeat of a window with its token counts as new evidence: repetitive text gets far too small a p."],
  v1: ["Of each window only the first token counts; other tokens after the same window are evidence left out."],
  v2: [],
};

/** The detector's answer with its faults. */
export function threeBricksReading(test: ThreeBricksTest, result: ThreeBricksResult): EngineReading {
  const { count, score, p } = result;
  return {
    tokensScored: count,
    statisticName: test.method.startsWith("maryland") ? "green tokens" : "sum of -ln(1 - u)",
    statistic: count === 0 ? null : score,
    pValue: Number.isNaN(p) ? null : p,
    marked: null,
    faults: [
      ...FAULTS[test.method],
      ...REPEATS[test.scoring],
      "The first token that could be scored is skipped, and no p below 1e-200 is printed.",
      ...(test.method.startsWith("maryland")
        ? ["The p uses the configured γ, not the share ⌊γV⌋/V of the list as it is."]
        : []),
    ],
  };
}
