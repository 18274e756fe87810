import { defineScheme, type WatermarkScheme } from "@tokenmark/core";
import { checkInVocabulary } from "./check-vocabulary.ts";
import { listSize } from "./list-size.ts";
import { unigramMask } from "./unigram-mask.ts";

/** What a Unigram mark is made of, under our names. */
export interface UnigramSetting {
  readonly key: bigint;
  /** Green share f, in (0, 1). */
  readonly fraction: number;
  /** Bias added to green logits. */
  readonly delta: number;
  readonly vocabSize: number;
}

/**
 * The scheme of both Unigram code bases: one green list for the key, no context. Evidence is each distinct token once, with the
 * share ⌊fV⌋/V of the list as it is. Logits beyond the vocabulary are left alone; scoring such a token is refused.
 *
 * @throws TokenmarkError `bad-config` for a list that is empty or full; `score` throws `vocabulary-mismatch`.
 */
export function unigramScheme(name: string, setting: UnigramSetting): WatermarkScheme {
  const { key, fraction, delta, vocabSize } = setting;
  const size = listSize(vocabSize, fraction);
  const mask = unigramMask(key, fraction, vocabSize);
  const addend = Float64Array.of(0, Math.fround(delta));
  const score = (token: number): number => {
    checkInVocabulary(token, vocabSize);
    return mask[token]!;
  };
  return defineScheme(
    {
      name,
      context: { width: 0, prompt: "included", missing: "unmarked" },
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
      seed() {},
      score,
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit(token, units, at) {
        units[at] = token;
        units[at + 1] = 0;
      },
      mark(logits, { candidates }) {
        for (let i = 0; i < logits.length; i++) {
          const token = candidates === undefined ? i : candidates[i]!;
          if (token < vocabSize) logits[i]! += addend[mask[token]!]!;
        }
      },
    },
  );
}
