import type { LogitReader } from "@tokenmark/core";
import { type Predictions, readPredictions, type Transcript } from "@tokenmark/radioactivity";
import type { StoredText } from "../survival/written-texts.ts";

/** Stored answers as an audit reads them. */
export const transcriptsOf = (answers: readonly StoredText[]): readonly Transcript[] =>
  answers.map(({ promptTokens, tokens }) => ({ prompt: promptTokens, tokens }));

/** A student's predictions along transcripts, in their order. */
export async function readAlong(reader: LogitReader, transcripts: readonly Transcript[]): Promise<Predictions[]> {
  const predictions: Predictions[] = [];
  for (const transcript of transcripts) predictions.push(await readPredictions(reader, transcript));
  return predictions;
}
