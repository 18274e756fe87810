import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import type { SamplingSettings, TextModel, WrittenText } from "../models/text-model.ts";

/** A text as an outsider gets it: what he asked with, and the answer. */
export type SeenText = Pick<WrittenText, "promptTokens" | "tokens">;

/** How texts are written. */
export interface Writing extends SamplingSettings {
  /** Tokens a text. */
  readonly tokens: number;
  readonly prompts: readonly string[];
  readonly seed: string;
}

/** Writes `count` texts, the prompts in turn; all under one scheme, so that they are batched. */
export function writeAnswers(
  model: TextModel,
  scheme: WatermarkScheme | null,
  count: number,
  writing: Writing,
): Promise<readonly WrittenText[]> {
  const { tokens, prompts, seed, temperature, topK, topP } = writing;
  const requests = Array.from({ length: count }, (_, i) => ({
    prompt: prompts[i % prompts.length]!,
    scheme,
    seed: `${seed}/${i}`,
  }));
  return model.write(requests, { temperature, topK, topP, maxTokens: tokens });
}

/**
 * The first `count` tokens of the texts, the last text cut.
 *
 * @throws TokenmarkError `bad-argument` for too few tokens.
 */
export function firstTokens(texts: readonly SeenText[], count: number): readonly SeenText[] {
  const taken: SeenText[] = [];
  let left = count;
  for (const { promptTokens, tokens } of texts) {
    if (left <= 0) break;
    taken.push({ promptTokens, tokens: tokens.slice(0, left) });
    left -= tokens.length;
  }
  if (left > 0) {
    throw new TokenmarkError("bad-argument", `corpus: wanted at least ${count} tokens, got ${count - left}`);
  }
  return taken;
}
