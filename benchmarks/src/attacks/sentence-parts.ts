/** A sentence and what stands behind it; over a text they are the text. */
export interface SentencePart {
  readonly sentence: string;
  /** White space up to the next sentence. */
  readonly gap: string;
}

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** Cuts a text into sentences; leading white space belongs to an empty first one. */
export function sentenceParts(text: string): SentencePart[] {
  return [...segmenter.segment(text)].map(({ segment }) => {
    const sentence = segment.trimEnd();
    return { sentence, gap: segment.slice(sentence.length) };
  });
}

/** Puts the parts together again. */
export const joinParts = (parts: readonly SentencePart[]): string =>
  parts.map(({ sentence, gap }) => sentence + gap).join("");
