import { type ExpectedScores, TokenmarkError } from "@tokenmark/core";
import { checkExpected } from "./alternative.ts";
import { show } from "./argument-check.ts";

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
 * What marked text of a deployment scores, from marked texts each under a fresh key: the mean score a counted token, m = ΣS/N with
 * N = ΣT, and the variance a counted token of a whole text's sum around it, Σ(S_j − T_j·m)²/(N − ΣT_j²/N). Where a text of T
 * tokens has the variance T·v the sum of squares is v·(N − ΣT_j²/N) on average, so v is unbiased for texts of any lengths.
 *
 * The variance is taken between texts, so topics that carry more or less of the mark are in it (it is over-dispersed against
 * independent tokens). Use texts about as long as those to be judged: what differs between texts grows faster with length
 * than this figure assumes. Texts without a counted token are left out.
 *
 * @throws TokenmarkError `bad-argument` for fewer than two usable texts, figures that are no sums and counts, or facts that are none.
 */
export function estimateExpected(texts: readonly ScoredText[], facts: GenerationFacts): ExpectedScores {
  if (!Array.isArray(texts)) {
    throw new TokenmarkError("bad-argument", `texts: wanted an array of sums and counts, got ${show(texts)}`);
  }
  const used = texts.filter((text: ScoredText | null | undefined, j) => {
    const { sum, n } = text ?? {};
    if (Number.isFinite(sum) && typeof n === "number" && Number.isInteger(n) && n >= 0) return n > 0;
    throw new TokenmarkError(
      "bad-argument",
      `texts[${j}]: wanted a finite sum and an integer n of at least 0, got sum ${show(sum)} and n ${show(n)}`,
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
  let freeTokens = 0;
  for (const text of used) {
    squares += (text.sum - text.n * meanScore) ** 2;
    freeTokens += text.n * (1 - text.n / n);
  }
  const { model, temperature, topP, topK } = facts;
  const expected: ExpectedScores = Object.freeze({
    model,
    temperature,
    topP,
    topK,
    meanScore,
    variance: squares / freeTokens,
    n,
    texts: used.length,
  });
  checkExpected(expected);
  return expected;
}
