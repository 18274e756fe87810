import { createSampler, type TokenId, type TokenSequence } from "@tokenmark/core";
import type { SamplingSettings, TextModel, WrittenText } from "../models/text-model.ts";
import type { LearntScores } from "./learnt-scores.ts";

/** Tokens of a higher learnt score are drawn anew. */
const SUSPICIOUS = 0.25;
/** Nats that a token of learnt score 1 loses when a token is drawn anew. */
const STRENGTH = 4;

/**
 * Rewrites marked texts so that the mark is lost, with what was learnt of it: from left to right, each token whose score is high is drawn
 * anew by the unmarked model, the learnt scores taken off its logits.
 *
 * @param randoms - uniform on [0, 1), one a text
 */
export async function washTexts(
  model: TextModel,
  texts: readonly WrittenText[],
  scores: LearntScores,
  settings: SamplingSettings,
  randoms: readonly (() => number)[],
): Promise<readonly string[]> {
  const washed: string[] = [];
  for (const [i, { promptTokens, tokens, text }] of texts.entries()) {
    const sampler = createSampler({ ...settings, random: randoms[i]! });
    const written: TokenId[] = [...promptTokens];
    for (const token of tokens) {
      written.push(
        scores.score(written, token) > SUSPICIOUS && written.length > 0 ? await drawAnew(written, sampler) : token,
      );
    }
    const rest = written.slice(promptTokens.length);
    // Decoding may spell a text another way than the model's own stream did: what was not touched stays as it was.
    washed.push(rest.every((token, at) => token === tokens[at]) ? text : model.tokenizer.decode(rest));
  }
  return washed;

  async function drawAnew(written: readonly TokenId[], sampler: ReturnType<typeof createSampler>): Promise<TokenId> {
    const { logits, candidates } = await model.source.next(written);
    const apply = (rows: Float32Array, names?: TokenSequence): void => scores.bias(rows, written, -STRENGTH, names);
    return sampler.sample(logits, {
      ...(candidates === undefined ? {} : { candidates }),
      mark: { stage: "after-truncation", apply },
    });
  }
}
