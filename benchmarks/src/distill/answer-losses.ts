import type { TextModel, WrittenText } from "../models/text-model.ts";
import type { LossChange } from "./losses.ts";
import { pairedInterval } from "./paired-interval.ts";

/** What one answer costs under a model: nats, and of how many tokens. */
export type AnswerLoss = readonly [nats: number, tokens: number];

/** Each answer's nats under a model that can be read, at temperature 1. */
export async function answerLosses(
  model: TextModel,
  answers: readonly Pick<WrittenText, "promptTokens" | "tokens">[],
): Promise<readonly AnswerLoss[]> {
  const losses: AnswerLoss[] = [];
  for (const { promptTokens, tokens } of answers) {
    const logProbabilities = await model.reader!.logProbabilities([...promptTokens, ...tokens]);
    let nats = 0;
    let count = 0;
    // Nothing precedes the first token of all.
    for (let i = Math.max(1, promptTokens.length); i < logProbabilities.length; i++) {
      nats -= logProbabilities[i]!;
      count++;
    }
    losses.push([nats, count]);
  }
  return losses;
}

/** Mean nats a token. */
export function meanLoss(losses: readonly AnswerLoss[]): number {
  let nats = 0;
  let count = 0;
  for (const [own, tokens] of losses) {
    nats += own;
    count += tokens;
  }
  return nats / count;
}

/**
 * How much the perplexity of one student's answers lies above that of another's to the same prompts, as a share, with a 95 % bootstrap interval over
 * prompts, paired.
 */
export function perplexityChange(own: readonly AnswerLoss[], other: readonly AnswerLoss[]): LossChange {
  const ratio = (mine: readonly AnswerLoss[], theirs: readonly AnswerLoss[]): number =>
    Math.exp(meanLoss(mine) - meanLoss(theirs)) - 1;
  const interval = pairedInterval(own.length, "perplexity change", (drawn) =>
    ratio(
      drawn.map((i) => own[i]!),
      drawn.map((i) => other[i]!),
    ),
  );
  return { change: ratio(own, other), interval };
}
