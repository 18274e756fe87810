/** A text cut into words and what stands between them: `gaps[i]` before `words[i]`, the last gap behind the last word. */
export interface WordedText {
  readonly words: readonly string[];
  /** One more than words; joined in turn, gaps and words are the text. */
  readonly gaps: readonly string[];
}

const segmenter = new Intl.Segmenter("en", { granularity: "word" });

// Intl.Segmenter's time grows with the square of what it is given in Node 20. White space always parts words, so it can be cut there.
const CHUNK = 500;
const WHITE_SPACE = /\s/g;

/**
 * Cuts a text into words by Unicode's rules (UAX #29), which know scripts that leave no blanks between words. Numbers are words;
 * punctuation and emoji are not.
 */
export function splitWords(text: string): WordedText {
  const words: string[] = [];
  const gaps: string[] = [];
  let gap = "";
  for (let from = 0; from < text.length; ) {
    const end = chunkEnd(text, from);
    for (const { segment, isWordLike } of segmenter.segment(text.slice(from, end))) {
      if (isWordLike) {
        gaps.push(gap);
        words.push(segment);
        gap = "";
      } else gap += segment;
    }
    from = end;
  }
  gaps.push(gap);
  return { words, gaps };
}

/** The text that {@link splitWords} cut. */
export function joinWords({ words, gaps }: WordedText): string {
  let text = gaps[0]!;
  for (let i = 0; i < words.length; i++) text += words[i]! + gaps[i + 1]!;
  return text;
}

function chunkEnd(text: string, from: number): number {
  WHITE_SPACE.lastIndex = from + CHUNK;
  return WHITE_SPACE.exec(text)?.index ?? text.length;
}
