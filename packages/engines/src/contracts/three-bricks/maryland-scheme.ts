import { defineScheme, type WatermarkScheme } from "@tokenmark/core";
import { checkInVocabulary } from "../unigram/check-vocabulary.ts";
import { listSize } from "../unigram/list-size.ts";
import { type ThreeBricksSetting, windowLists } from "./three-bricks-draws.ts";

/** What a Maryland mark is made of. */
export interface MarylandSetting extends ThreeBricksSetting {
  readonly gamma: number;
  /** Bias added to green logits. */
  readonly delta: number;
}

/**
 * Three Bricks' Maryland method as a scheme: the evidence is one green token, once for what the generator saw of the window and the token. The
 * engine adds the bias before it divides by the temperature.
 *
 * @throws TokenmarkError `bad-config` for a list that is empty or full; `score` throws `vocabulary-mismatch`.
 */
export function marylandScheme(name: string, setting: MarylandSetting): WatermarkScheme {
  const { ngram, vocabSize, gamma, delta } = setting;
  const size = listSize(vocabSize, gamma);
  const lists = windowLists(setting, gamma);
  const addend = Math.fround(delta);
  // One token's windows come back all the time, longer ones hardly ever.
  const green = ngram === 1 ? lists.isListed : lists.isGreen;
  const score = (token: number): number => {
    checkInVocabulary(token, vocabSize);
    return green(token) ? 1 : 0;
  };
  return defineScheme(
    {
      name,
      context: { width: ngram, prompt: "included", missing: "unmarked" },
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
      seed: lists.seed,
      score,
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit(token, units, at) {
        units[at] = lists.identity();
        units[at + 1] = token;
      },
      mark(logits, { candidates }) {
        for (let i = 0; i < logits.length; i++) {
          const token = candidates === undefined ? i : candidates[i]!;
          if (token < vocabSize && lists.isListed(token)) logits[i]! += addend;
        }
      },
    },
  );
}
