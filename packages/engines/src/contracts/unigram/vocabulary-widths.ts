import type { EngineText } from "../../contract.ts";

/** Sizes that go about for one model: the tokenizer's, and the padded width of its logits. */
const KNOWN: readonly (readonly number[])[] = [
  [50257, 50304],
  [50254, 50277, 50280, 50432],
  [50265, 50272],
  [32000, 32001, 32064],
  [128000, 128256],
  [151643, 151646, 151665, 151936, 152064],
  [256000, 255999, 256128],
];

/**
 * Other vocabulary sizes that a list could have been drawn over, the likeliest first, at most `most`: the known other sizes of the same
 * model, one less and one more, then common paddings. Only those that hold every token of the text.
 */
export function vocabularyWidths(vocabSize: number, text: EngineText, most: number): readonly number[] {
  let largest = 0;
  for (const tokens of [text.tokens, text.prompt ?? []]) {
    for (let i = 0; i < tokens.length; i++) largest = Math.max(largest, tokens[i]!);
  }
  const siblings = KNOWN.filter((sizes) => sizes.includes(vocabSize)).flat();
  const padded = [64, 128, 8, 256].map((step) => Math.ceil(vocabSize / step) * step);
  const widths = new Set([...siblings, vocabSize - 1, vocabSize + 1, ...padded]);
  return [...widths].filter((width) => width !== vocabSize && width > largest).slice(0, most);
}
