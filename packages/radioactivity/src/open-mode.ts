import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { createProbe, type Probe } from "./probe.ts";
import type { Predictions } from "./read-predictions.ts";
import { checkTranscripts, joinTranscript, type Transcript } from "./transcript.ts";

/**
 * What a student predicts along the teacher's transcripts: open, or reading, mode (Sander et al. 2024, "Watermarking Makes Language Models
 * Radioactive").
 *
 * @param predictions - `readPredictions` of each transcript, in the same order.
 * @throws TokenmarkError `bad-argument`.
 */
export function openProbe(
  transcripts: readonly Transcript[],
  predictions: readonly Predictions[],
  contextWidth: WatermarkScheme["context"]["width"],
): Probe {
  checkTranscripts("transcripts", transcripts);
  if (transcripts.length !== predictions.length) {
    throw new TokenmarkError(
      "bad-argument",
      `predictions: wanted one list a transcript (${transcripts.length}), got ${predictions.length}`,
    );
  }
  return createProbe(
    transcripts.map((transcript, i) => ({
      tokens: joinTranscript(transcript),
      start: transcript.prompt.length,
      candidates: predictions[i]!,
    })),
    contextWidth,
  );
}
