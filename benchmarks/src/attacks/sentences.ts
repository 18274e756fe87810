/** A text cut into sentences and the white space around them: `gaps[i]` before `sentences[i]`, the last gap behind the last one. */
export interface SentencedText {
  /** None is empty or begins or ends in white space. */
  readonly sentences: readonly string[];
  /** One more than sentences; joined in turn, gaps and sentences are the text. */
  readonly gaps: readonly string[];
}

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** Cuts a text into sentences by Unicode's rules (UAX #29), at line breaks in any case. */
export function splitSentences(text: string): SentencedText {
  const sentences: string[] = [];
  const gaps: string[] = [];
  let gap = "";
  // Line by line: a line break ends a sentence, and Intl.Segmenter's time grows with the square of what it is given in Node 20.
  for (const line of text.split(/(?<=\n)/)) {
    for (const { segment } of segmenter.segment(line)) {
      const sentence = segment.trim();
      if (sentence === "") {
        gap += segment;
        continue;
      }
      const start = segment.indexOf(sentence);
      gaps.push(gap + segment.slice(0, start));
      sentences.push(sentence);
      gap = segment.slice(start + sentence.length);
    }
  }
  gaps.push(gap);
  return { sentences, gaps };
}

/** The text that {@link splitSentences} cut. */
export function joinSentences({ sentences, gaps }: SentencedText): string {
  let text = gaps[0]!;
  for (let i = 0; i < sentences.length; i++) text += sentences[i]! + gaps[i + 1]!;
  return text;
}
