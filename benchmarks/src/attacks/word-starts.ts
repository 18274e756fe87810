import { splitWords } from "./worded-text.ts";

/**
 * The places before each word but the first where a text can be cut in two: behind the white space, so that an opening quotation mark
 * goes with its word, or between words of scripts without blanks. Hyphens and apostrophes hold words together.
 */
export function wordStarts(text: string): readonly number[] {
  const { words, gaps } = splitWords(text);
  const starts: number[] = [];
  let at = gaps[0]!.length;
  for (let i = 1; i < words.length; i++) {
    const gap = gaps[i]!;
    const end = at + words[i - 1]!.length;
    at = end + gap.length;
    const tail = gap.length - (/\S*$/u.exec(gap)?.[0].length ?? 0);
    if (gap === "" || tail > 0) starts.push(end + tail);
  }
  return starts;
}
