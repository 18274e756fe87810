import { defineScheme, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import type { LearntScores } from "./learnt-scores.ts";
import type { ThiefKnowledge } from "./thief-knowledge.ts";

/**
 * A thief's imitation of a mark: adds `strength` × learnt score to the logits of an unmarked model. It has the shape of a scheme so that any
 * model writes with it, in batches; it has no key and no law.
 *
 * @param strength - nats that a token of score 1 gains
 */
export function stolenBias(scores: LearntScores, knowledge: ThiefKnowledge, strength: number): WatermarkScheme {
  let context: TokenSequence = [];
  return defineScheme(
    {
      name: "stolen",
      context: { width: knowledge.width, prompt: "included", missing: "unmarked" },
      repeats: { kind: "none" },
      nullLaw: { family: "unknown", why: "what a thief learnt depends on the key" },
      unit: "ngram",
      stage: "after-truncation",
      selects: false,
      needsSampling: false,
      distortionFree: false,
      components: 1,
    },
    {
      seed(tokens, from, count) {
        context = Array.prototype.slice.call(tokens, from, from + count);
      },
      score: (token) => scores.score(context, token),
      parts(token, out, at) {
        out[at] = scores.score(context, token);
      },
      unit(token, units, at) {
        units[at] = token;
        units[at + 1] = 0;
      },
      mark: (logits, { candidates }) => scores.bias(logits, context, strength, candidates),
    },
  );
}
