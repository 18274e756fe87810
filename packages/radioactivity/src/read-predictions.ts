import type { LogitReader, LogitSource, SourceCall, TokenSequence } from "@tokenmark/core";
import { joinTranscript, type Transcript } from "./transcript.ts";

/** No prediction: nothing precedes the position. */
export const NO_PREDICTION = -1;

/** The student's best token at each position of a transcript's answer, given the true tokens before it; {@link NO_PREDICTION} where none precede. */
export type Predictions = Int32Array;

function best(scores: ArrayLike<number>): number {
  let at = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[at]!) at = i;
  return at;
}

/** Reads a student's top-1 predictions along a transcript (teacher forcing): open mode, where weights or all scores are at hand. */
export async function readPredictions(student: LogitReader, transcript: Transcript): Promise<Predictions> {
  const tokens = joinTranscript(transcript);
  const start = transcript.prompt.length;
  const predictions = new Int32Array(transcript.tokens.length).fill(NO_PREDICTION);
  let i = 1;
  for await (const scores of student.read(tokens)) {
    if (i >= tokens.length) break;
    if (i >= start) predictions[i - start] = best(scores);
    i++;
  }
  return predictions;
}

/** {@link readPredictions} through a source, a question a position: for servers. */
export async function askPredictions(
  student: LogitSource,
  transcript: Transcript,
  call: SourceCall = {},
): Promise<Predictions> {
  const tokens = Array.from(joinTranscript(transcript));
  const start = transcript.prompt.length;
  const predictions = new Int32Array(transcript.tokens.length).fill(NO_PREDICTION);
  for (let i = Math.max(start, 1); i < tokens.length; i++) {
    const { logits, candidates } = await student.next(tokens.slice(0, i), call);
    const at = best(logits);
    predictions[i - start] = candidates === undefined ? at : candidates[at]!;
  }
  return predictions;
}

/** Share of positions where the student predicts the teacher's token. */
export function agreement(predictions: Predictions, tokens: TokenSequence): number {
  let same = 0;
  for (let i = 0; i < predictions.length; i++) same += +(predictions[i] === tokens[i]);
  return predictions.length === 0 ? 0 : same / predictions.length;
}
