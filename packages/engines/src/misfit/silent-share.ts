import { logBinomialUpperTail } from "@tokenmark/stats";
import type { Scores } from "./first-positions-misfit.ts";

/**
 * How clearly more than a share of the positions say nothing, as they would if another key had drawn them: the chance of so many
 * scores in the lower half of Exp(1) if just that share of positions were silent and all others spoke (Storey 2002 estimates the
 * share of true nulls this way). Predictable text is silent too, so this is a resemblance and no test.
 *
 * @param scores - Exp(1) where the key had no say.
 */
export function silentShare(scores: Scores, share: number): number {
  let n = 0;
  let low = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (Number.isNaN(score)) continue;
    n++;
    if (score < Math.LN2) low++;
  }
  return n === 0 ? 1 : Math.exp(logBinomialUpperTail(low, n, share / 2));
}
