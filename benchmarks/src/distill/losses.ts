import type { LogitReader, TextTokenizer } from "@tokenmark/core";
import { logSumExp } from "@tokenmark/stats";
import type { TextModel, WrittenText } from "../models/text-model.ts";

/** Mean nats a token of answers under a model that can be read, at temperature 1. */
export async function answersLoss(
  model: TextModel,
  answers: readonly Pick<WrittenText, "promptTokens" | "tokens">[],
): Promise<number> {
  let nats = 0;
  let count = 0;
  for (const { promptTokens, tokens } of answers) {
    const logProbabilities = await model.reader!.logProbabilities([...promptTokens, ...tokens]);
    // Nothing precedes the first token of all.
    for (let i = Math.max(1, promptTokens.length); i < logProbabilities.length; i++) {
      nats -= logProbabilities[i]!;
      count++;
    }
  }
  return nats / count;
}

const HELD_OUT_CHARACTERS = 20_000;
const WINDOW = 128;

/** Mean nats a token of a text's beginning, in windows as long as a student was trained on. */
export async function heldOutLoss(reader: LogitReader, tokenizer: TextTokenizer, text: string): Promise<number> {
  const ids = Array.from(tokenizer.encode(text.slice(0, HELD_OUT_CHARACTERS)));
  let nats = 0;
  let count = 0;
  for (let from = 0; from < ids.length; from += WINDOW) {
    const window = ids.slice(from, from + WINDOW);
    let i = 1;
    for await (const scores of reader.read(window)) {
      if (i >= window.length) break;
      nats += logSumExp(scores) - scores[window[i]!]!;
      count++;
      i++;
    }
  }
  return nats / count;
}
