import type { TextModel } from "../models/text-model.ts";

/** How surprising a continuation is to a model. */
export interface Surprise {
  /** Mean of −ln p a token of that model's own tokenizer; NaN for an empty text. */
  readonly natsPerToken: number;
  readonly bitsPerByte: number;
}

const encoder = new TextEncoder();

/** Reads `text` behind its prompt with a model. Null if that model cannot be read. */
export async function readSurprise(model: TextModel, prompt: string, text: string): Promise<Surprise | null> {
  const { reader, tokenizer } = model;
  if (reader === null) return null;
  const lead = Array.from(tokenizer.encode(prompt));
  const tokens = Array.from(tokenizer.encode(text));
  const logProbabilities = await reader.logProbabilities([...lead, ...tokens]);
  let nats = 0;
  let count = 0;
  for (let i = lead.length; i < logProbabilities.length; i++) {
    const value = logProbabilities[i]!;
    if (Number.isNaN(value)) continue;
    nats -= value;
    count++;
  }
  return {
    natsPerToken: count === 0 ? Number.NaN : nats / count,
    bitsPerByte: text === "" ? Number.NaN : nats / Math.LN2 / encoder.encode(text).length,
  };
}
