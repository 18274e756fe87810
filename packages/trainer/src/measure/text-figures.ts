import type { ExportedModel } from "./exported-model.ts";
import { rowFigures } from "./row-figures.ts";

/** How well a model predicts a text, and how open it finds it. */
export interface TextFigures {
  readonly tokens: number;
  readonly bytes: number;
  /** Mean negative log-probability, nats per token. */
  readonly loss: number;
  readonly bitsPerByte: number;
  /** Mean entropy of the next-token distribution at temperature 1, bits per token: what a mark has to work with. */
  readonly entropyBits: number;
}

/** Reads `text` (documents between blank lines) in windows of `context` tokens, as training does, and averages over all tokens
 * but the first. A document starts after an end-of-text token, which stands for the blank line. */
export async function measureText(model: ExportedModel, text: string, context: number): Promise<TextFigures> {
  const ids = text
    .trim()
    .split("\n\n")
    .flatMap((document) => [0, ...(model.tokenizer.encode(document) as number[]).map(Number)]);
  let nats = 0;
  let entropy = 0;
  for (let start = 0; start + 1 < ids.length; start += context) {
    const inputs = ids.slice(start, Math.min(start + context, ids.length - 1));
    const { data, vocabSize } = await model.logits(inputs);
    for (let i = 0; i < inputs.length; i++) {
      const figures = rowFigures(data.subarray(i * vocabSize, (i + 1) * vocabSize), ids[start + i + 1]!);
      nats += figures.nats;
      entropy += figures.entropy;
    }
  }
  const tokens = ids.length - 1;
  const bytes = Buffer.byteLength(text);
  return {
    tokens,
    bytes,
    loss: nats / tokens,
    bitsPerByte: nats / bytes / Math.LN2,
    entropyBits: entropy / tokens / Math.LN2,
  };
}
