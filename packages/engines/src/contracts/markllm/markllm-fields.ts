import type { Trap } from "@tokenmark/core";
import type { EngineText } from "../../contract.ts";
import type { Field } from "../../field.ts";
import { integer64Field, integerField } from "../../field.ts";
import { vocabularyWidths } from "../unigram/vocabulary-widths.ts";

/** Where MarkLLM's contracts were read. */
export const MARKLLM_SOURCE = "THU-BPM/MarkLLM @ 112fa7419b11 (2025-10-14)";
/** The key in MarkLLM's own configuration files. */
export const DEFAULT_HASH_KEY = "15485863";

/** MarkLLM's vocabulary size: a setting of the deployer, not of the model. */
export const vocabSizeField: Field<number> = integerField(2, 0xffffff, {
  about: "tokens the lists or uniforms are drawn over; the deployer's setting",
});

/** MarkLLM's key: a torch tensor's integer, so signed. */
export const hashKeyField: Field<string> = integer64Field(-(2n ** 63n), 2n ** 63n - 1n, {
  about: "the key, a signed 64-bit integer",
  fallback: DEFAULT_HASH_KEY,
});

/** What a deployer of any MarkLLM mark must tell. */
export const TOLD_BY_ALL: readonly string[] = Object.freeze([
  "The vocabulary size given to MarkLLM: it decides every list and every uniform.",
  "Whether the text still holds the prompt: MarkLLM returns both together, and its own detector scores both.",
  "The device: on a GPU torch has another generator, and this contract reads text of the CPU generator only.",
]);

/** Traps for a vocabulary of another width, as far as a scheme of that width can be. */
export function widthTraps(
  vocabSize: number,
  text: EngineText,
  most: number,
  scheme: (width: number) => Trap["scheme"],
  usable: (width: number) => boolean = (width) => width > 1,
): readonly Trap[] {
  const widths = vocabularyWidths(vocabSize, text, most).filter(usable);
  return widths.map((width) => ({
    code: "vocab-width",
    advice: `MarkLLM drew over ${width} tokens, not ${vocabSize}: set vocab_size to the width the generator had.`,
    actual: { vocab_size: width },
    scheme: scheme(width),
  }));
}

/** Traps for a context wider or narrower by a token. */
export function prefixTraps(prefixLength: number, scheme: (width: number) => Trap["scheme"]): readonly Trap[] {
  return [prefixLength + 1, prefixLength - 1]
    .filter((width) => width >= 1)
    .map((width) => ({
      code: "context-width-mismatch",
      advice: `The context has ${width} tokens, not ${prefixLength}: set prefix_length.`,
      actual: { prefix_length: width },
      scheme: scheme(width),
    }));
}

/** Whether every token of a text has a place in a vocabulary. */
export function fitsVocabulary(vocabSize: number, text: EngineText): boolean {
  for (const tokens of [text.tokens, text.prompt ?? []]) {
    for (let i = 0; i < tokens.length; i++) if (tokens[i]! >= vocabSize) return false;
  }
  return true;
}
