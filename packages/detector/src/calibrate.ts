import { type ExpectedScores, TokenmarkError } from "@tokenmark/core";

/** One marked text's counted evidence: a `Detection`'s `statistic` and `tokensScored`. */
export interface ScoredText {
  /** Sum of the counted scores. */
  readonly sum: number;
  /** How many were counted. */
  readonly n: number;
}

/** How the texts were made. */
export type GenerationFacts = Pick<ExpectedScores, "model" | "temperature" | "topP" | "topK">;

/**
 * What marked text of a deployment scores, from marked texts each under a fresh key: the mean score a counted token, ΣS/ΣT, and
 * the variance a counted token of a whole text's sum around it, Σ(S_j − T_j·mean)²/ΣT_j · k/(k − 1).
 *
 * The variance is taken between texts, so topics that carry more or less of the mark are in it (it is over-dispersed against
 * independent tokens). Use texts about as long as those to be judged: what differs between texts grows faster with length
 * than this figure assumes. Texts without a counted token are left out.
 *
 * @throws TokenmarkError `bad-argument` for fewer than two usable texts or figures that are no sums and counts.
 */
export function estimateExpected(texts: readonly ScoredText[], facts: GenerationFacts): ExpectedScores {
  const used = texts.filter(({ sum, n }, j) => {
    if (Number.isFinite(sum) && Number.isInteger(n) && n >= 0) return n > 0;
    throw new TokenmarkError(
      "bad-argument",
      `texts[${j}]: wanted a finite sum and an integer n of at least 0, got sum ${String(sum)} and n ${String(n)}`,
    );
  });
  if (used.length < 2) {
    throw new TokenmarkError(
      "bad-argument",
      `texts: wanted at least 2 with a scored token (a variance between texts needs them), got ${used.length}`,
    );
  }
  let total = 0;
  let n = 0;
  for (const text of used) {
    total += text.sum;
    n += text.n;
  }
  const meanScore = total / n;
  let squares = 0;
  for (const text of used) squares += (text.sum - text.n * meanScore) ** 2;
  const { model, temperature, topP, topK } = facts;
  return Object.freeze({
    model,
    temperature,
    topP,
    topK,
    meanScore,
    variance: (squares / n) * (used.length / (used.length - 1)),
    n,
    texts: used.length,
  });
}
