import { defineScheme, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import { greenLists } from "../../generators/torch/green-lists.ts";
import { checkAllInVocabulary, checkInVocabulary } from "../unigram/check-vocabulary.ts";
import { listSize } from "../unigram/list-size.ts";
import type { ContextPrf } from "./context-prf.ts";

/** What a mark of the KGW family is made of. */
export interface KgwSetting {
  readonly prf: () => ContextPrf;
  /** Tokens that the context function sees, the candidate among them where it takes part. */
  readonly contextWidth: number;
  /** How many of them it really reads, from the end on. */
  readonly reads: number;
  readonly selfSalt: boolean;
  /** How many of the best candidates a self-salted processor looks at: 40 in Hugging Face, 41 in lm-watermarking. */
  readonly candidates: number;
  readonly vocabSize: number;
  readonly gamma: number;
  /** False: the last entries of the permutation are green. */
  readonly headIsGreen: boolean;
  /** Bias added to green logits. */
  readonly delta: number;
}

/**
 * A KGW mark as a scheme: the context's seed draws a list with torch's CPU generator, green logits rise; a self-salted list has the candidate
 * in its own seed, and only the best candidates are looked at. The evidence is one green token, once for each seed and token: all that the
 * generator sees (Kirchenbauer et al. 2023, algorithms 2 and 3).
 *
 * @throws TokenmarkError `bad-config` for a list that is empty or full; `score` and `scoreAll` throw `vocabulary-mismatch`.
 */
export function kgwListScheme(name: string, setting: KgwSetting): WatermarkScheme {
  const { contextWidth, reads, selfSalt, candidates: most, vocabSize, headIsGreen, delta } = setting;
  const size = listSize(vocabSize, setting.gamma);
  // The last entries are those that a longer head leaves over.
  const lists = greenLists(vocabSize, headIsGreen ? size : vocabSize - size);
  const prf = setting.prf();
  const green = headIsGreen ? 1 : 0;
  const addend = Math.fround(delta);
  const width = selfSalt ? contextWidth - 1 : contextWidth;
  const own = Math.max(0, selfSalt ? reads - 1 : reads);
  const window = new Int32Array(own + 1);

  function seedOf(token: number): number {
    if (!selfSalt) return prf.low32();
    window[own] = token;
    prf.load(window, 0, own + 1);
    return prf.low32();
  }
  const isGreen = (token: number): boolean => Number(lists.has(seedOf(token), token)) === green;
  const score = (token: number): number => {
    checkInVocabulary(token, vocabSize);
    return isGreen(token) ? 1 : 0;
  };

  function raiseBest(logits: Float32Array, ids: TokenSequence | undefined): void {
    const order = bestIndices(logits, most).filter((i) => {
      const token = ids === undefined ? i : ids[i]!;
      return token < vocabSize && isGreen(token);
    });
    for (const i of order) logits[i]! += addend;
  }

  function raiseList(logits: Float32Array, ids: TokenSequence | undefined): void {
    const seed = prf.low32();
    if (ids === undefined && headIsGreen) {
      lists.raise(seed, logits, addend);
      return;
    }
    for (let i = 0; i < logits.length; i++) {
      const token = ids === undefined ? i : ids[i]!;
      if (token < vocabSize && Number(lists.holds(seed, token)) === green) logits[i]! += addend;
    }
  }

  let asking = false;
  const scheme = defineScheme(
    {
      name,
      context: { width, prompt: "included", missing: "unmarked" },
      repeats: { kind: "none" },
      nullLaw: { family: "bernoulli", p: size / vocabSize, weights: [1] },
      unit: "ngram",
      stage: "before-truncation",
      selects: false,
      needsSampling: false,
      distortionFree: false,
      components: 1,
      batch: 1 << 17,
    },
    {
      seed(tokens, from, count) {
        const start = from + count - own;
        if (selfSalt) for (let i = 0; i < own; i++) window[i] = tokens[start + i]!;
        else prf.load(tokens, start, own);
      },
      score: (token) => (asking ? 0 : score(token)),
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit(token, units, at) {
        units[at] = seedOf(token);
        units[at + 1] = token;
      },
      mark(logits, { candidates }) {
        if (selfSalt) raiseBest(logits, candidates);
        else raiseList(logits, candidates);
      },
    },
  );
  return Object.freeze({
    ...scheme,
    scoreAll(span: Parameters<WatermarkScheme["scoreAll"]>[0], out: Float64Array, units: Uint32Array): void {
      const count = span.tokens.length - span.start;
      checkAllInVocabulary(Array.prototype.slice.call(span.tokens, span.start), vocabSize);
      // Seeds first, so that the tokens of one seed are answered by one draw.
      asking = true;
      try {
        scheme.scoreAll(span, out, units);
      } finally {
        asking = false;
      }
      lists.answer(units.subarray(0, 2 * count), out.subarray(0, count));
      if (!headIsGreen) for (let i = 0; i < count; i++) out[i] = 1 - out[i]!;
    },
  });
}

/** Indices of the `most` largest logits, the largest first, of equal ones the smaller index. */
function bestIndices(logits: Float32Array, most: number): readonly number[] {
  const kept: number[] = [];
  for (let i = 0; i < logits.length; i++) {
    if (kept.length === most && !(logits[i]! > logits[kept[most - 1]!]!)) continue;
    let at = kept.length;
    while (at > 0 && logits[i]! > logits[kept[at - 1]!]!) at--;
    kept.splice(at, 0, i);
    if (kept.length > most) kept.pop();
  }
  return kept;
}
