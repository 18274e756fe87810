import type { TextModel, WriteRequest } from "../models/text-model.ts";

const ADDED_TOKENS = 12;

/**
 * At least `count` prompts: those given and, when they run out, given ones with what the model wrote behind them. A prompt that comes twice under
 * one key would be answered alike by a mark that answers so.
 */
export async function extendPrompts(
  model: TextModel,
  prompts: readonly string[],
  count: number,
  seed: string,
): Promise<readonly string[]> {
  const missing = count - prompts.length;
  if (missing <= 0) return prompts.slice(0, count);
  const requests = Array.from(
    { length: missing },
    (_, i): WriteRequest => ({ prompt: prompts[i % prompts.length]!, scheme: null, seed: `${seed}/prompt/${i}` }),
  );
  const settings = { temperature: 1, topK: 0, topP: 0.95, maxTokens: ADDED_TOKENS };
  const written = await model.write(requests, settings);
  return [...prompts, ...written.map(({ text }, i) => `${requests[i]!.prompt}${text}`)];
}
