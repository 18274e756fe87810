import type { ExportedModel } from "./exported-model.ts";

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

function rowFigures(logits: Float32Array, target: number): { nats: number; entropy: number } {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  let weighted = 0;
  for (const logit of logits) {
    const share = Math.exp(logit - highest);
    sum += share;
    weighted += share * (logit - highest);
  }
  const logSum = Math.log(sum);
  return { nats: logSum + highest - logits[target]!, entropy: logSum - weighted / sum };
}

/** Share of the runs of four tokens in `ids` that occurred earlier in `ids`: 0 when nothing repeats. */
export function repetitionRate(ids: ArrayLike<number>): number {
  const seen = new Set<string>();
  let repeated = 0;
  const runs = ids.length - 3;
  for (let i = 0; i < runs; i++) {
    const run = `${ids[i]},${ids[i + 1]},${ids[i + 2]},${ids[i + 3]}`;
    if (seen.has(run)) repeated++;
    seen.add(run);
  }
  return runs > 0 ? repeated / runs : 0;
}
