import type { TokenSequence, WatermarkScheme } from "@tokenmark/core";
import { checkInVocabulary } from "../unigram/check-vocabulary.ts";
import { productModulo } from "./context-hash.ts";
import { exponentialScheme, type KeyedUniforms } from "./exponential-scheme.ts";
import { selectByPower } from "./power-draw.ts";
import { uniformRow } from "./uniform-row.ts";

/** What a MarkLLM EXP mark is made of. */
export interface ExpSetting {
  readonly hashKey: bigint;
  readonly prefixLength: number;
  readonly vocabSize: number;
}

/** The seed that MarkLLM gives to torch: key · (product of the context modulo V). torch's CPU generator takes its low 32 bits. */
export function expSeed(setting: ExpSetting, tokens: TokenSequence, from: number): bigint {
  const { hashKey, prefixLength, vocabSize } = setting;
  return hashKey * BigInt(productModulo(tokens, from, prefixLength, vocabSize));
}

/** The uniforms of MarkLLM's EXP: a torch stream for each product of the last h tokens modulo V (112fa7419b11, exp.py). */
export function expUniforms({ hashKey, vocabSize }: ExpSetting): KeyedUniforms {
  const keyLow32 = Number(BigInt.asIntN(32, hashKey));
  const row = uniformRow(vocabSize);
  let seedLow32 = 0;
  return {
    seed(tokens, from, count) {
      seedLow32 = Math.imul(keyLow32, productModulo(tokens, from, count, vocabSize)) >>> 0;
      row.load(seedLow32);
    },
    uniform(token) {
      checkInVocabulary(token, vocabSize);
      return row.at(token);
    },
    identity: () => seedLow32,
  };
}

/**
 * MarkLLM's EXP as a scheme. The engine takes the softmax at temperature 1 and then the 50 likeliest tokens: give `process` logits that were
 * cut so, not divided by a temperature. Logits beyond the vocabulary are cut off, as the engine does.
 */
export function expScheme(name: string, setting: ExpSetting): WatermarkScheme {
  const source = expUniforms(setting);
  return exponentialScheme(name, setting.prefixLength, source, {
    stage: "after-truncation",
    mark: (logits, { candidates }) =>
      selectByPower({ vocabSize: setting.vocabSize, uniform: source.uniform }, logits, candidates),
  });
}
