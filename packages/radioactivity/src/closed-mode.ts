import type { TokenSequence } from "@tokenmark/core";
import { createProbe, type Probe } from "./probe.ts";
import { checkTranscripts, joinTranscript, type Transcript } from "./transcript.ts";

/** The contexts of a width that occur in texts, whatever the key. */
export interface ContextFilter {
  readonly width: number;
  readonly size: number;
  has(tokens: TokenSequence, end: number): boolean;
}

const contextAt = (tokens: TokenSequence, end: number, width: number): string => {
  let context = "";
  for (let i = end - width; i < end; i++) context += `${tokens[i]},`;
  return context;
};

/** Collects the contexts in which the teacher wrote a token: those the student can have learnt (Sander et al. 2024, the filter of section 4). */
export function contextFilter(transcripts: readonly Transcript[], width: number): ContextFilter {
  const contexts = new Set<string>();
  for (const transcript of transcripts) {
    const tokens = joinTranscript(transcript);
    for (let end = Math.max(width, transcript.prompt.length); end < tokens.length; end++) {
      contexts.add(contextAt(tokens, end, width));
    }
  }
  return Object.freeze({
    width,
    get size() {
      return contexts.size;
    },
    has: (tokens: TokenSequence, end: number): boolean => end >= width && contexts.has(contextAt(tokens, end, width)),
  });
}

/**
 * What a student wrote itself: closed mode, where text is all there is. With a filter only contexts of the teacher's log count (supervised);
 * without one all do (unsupervised).
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function closedProbe(answers: readonly Transcript[], contextWidth: number, filter?: ContextFilter): Probe {
  checkTranscripts("answers", answers);
  return createProbe(
    answers.map((answer) => {
      const tokens = joinTranscript(answer);
      const start = answer.prompt.length;
      const candidates = Int32Array.from(answer.tokens, (token, i) =>
        filter === undefined || filter.has(tokens, start + i) ? token : -1,
      );
      return { tokens, start, candidates };
    }),
    contextWidth,
  );
}
