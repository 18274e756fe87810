const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const LETTER = /^\p{L}/u;
const ASCII = /^[!-~]*$/;

/** What a reader takes for single characters (UAX #29), so that no accent parts from its letter. For single words: slow on long texts. */
export function splitGraphemes(word: string): readonly string[] {
  return ASCII.test(word) ? word.split("") : Array.from(segmenter.segment(word), ({ segment }) => segment);
}

/** Whether a grapheme is a letter, with or without marks. */
export function isLetter(grapheme: string): boolean {
  return LETTER.test(grapheme);
}
