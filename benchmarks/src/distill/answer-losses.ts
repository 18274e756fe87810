import seedrandom from "seedrandom";
import type { TextModel, WrittenText } from "../models/text-model.ts";
import { percentileInterval } from "../report/percentile-interval.ts";
import type { LossChange } from "./losses.ts";

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

const RESAMPLES = 1000;

/**
 * How much the perplexity of one student's answers lies above that of another's to the same prompts, as a share, with a 95 % bootstrap interval over
 * prompts, paired.
 */
export function perplexityChange(own: readonly AnswerLoss[], other: readonly AnswerLoss[]): LossChange {
  const random = seedrandom.alea("perplexity change");
  const ratio = (mine: readonly AnswerLoss[], theirs: readonly AnswerLoss[]): number =>
    Math.exp(meanLoss(mine) - meanLoss(theirs)) - 1;
  const draws = Float64Array.from({ length: RESAMPLES }, () => {
    const drawn = own.map(() => Math.floor(own.length * random()));
    return ratio(
      drawn.map((i) => own[i]!),
      drawn.map((i) => other[i]!),
    );
  });
  return { change: ratio(own, other), interval: percentileInterval(draws) };
}
