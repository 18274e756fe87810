import { defineScheme, type WatermarkScheme } from "@tokenmark/core";
import { checkInVocabulary } from "../unigram/check-vocabulary.ts";
import { listSize } from "../unigram/list-size.ts";
import { type MarkllmListSetting, markllmLists } from "./kgw-lists.ts";

/** What a MarkLLM KGW mark is made of. */
export interface MarkllmKgwSetting extends MarkllmListSetting {
  /** Bias added to green logits. */
  readonly delta: number;
}

/**
 * MarkLLM's KGW as a scheme. What counts once is a token with the seed that decides about it, which is all that the generator saw: different contexts
 * of one seed are one random number. `self` on all of a vocabulary costs V permutations a token, in the engine too: hand in
 * candidates.
 *
 * @throws TokenmarkError `bad-config` for a list that is empty or full; `score` throws `vocabulary-mismatch`.
 */
export function markllmKgwScheme(name: string, setting: MarkllmKgwSetting): WatermarkScheme {
  const { prefixLength, vocabSize, gamma, delta } = setting;
  const size = listSize(vocabSize, gamma);
  const lists = markllmLists(setting);
  const addend = Math.fround(delta);
  let f = 0;
  const score = (token: number): number => {
    checkInVocabulary(token, vocabSize);
    return lists.isGreen(f, token) ? 1 : 0;
  };
  return defineScheme(
    {
      name,
      context: { width: prefixLength, prompt: "included", missing: "unmarked" },
      repeats: { kind: "none" },
      nullLaw: { family: "bernoulli", p: size / vocabSize, weights: [1] },
      unit: "ngram",
      stage: "before-truncation",
      selects: false,
      needsSampling: false,
      distortionFree: false,
      components: 1,
    },
    {
      seed(tokens, from, count) {
        f = lists.f(tokens, from, count);
      },
      score,
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit(token, units, at) {
        units[at] = lists.seedOf(f, token);
        units[at + 1] = token;
      },
      mark(logits, { candidates }) {
        for (let i = 0; i < logits.length; i++) {
          const token = candidates === undefined ? i : candidates[i]!;
          if (token < vocabSize && lists.isGreen(f, token)) logits[i]! += addend;
        }
      },
    },
  );
}
