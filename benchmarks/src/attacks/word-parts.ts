/** A word and the white space before it. */
export interface WordPart {
  readonly space: string;
  readonly word: string;
}

/** A text in words; over its parts and the tail it is the text. */
export interface Words {
  readonly parts: readonly WordPart[];
  /** White space behind the last word. */
  readonly tail: string;
}

/** Cuts a text at white space. */
export function wordParts(text: string): Words {
  const parts = [...text.matchAll(/(\s*)(\S+)/gu)].map(([, space, word]): WordPart => ({ space: space!, word: word! }));
  return { parts, tail: /\s*$/u.exec(text)![0] };
}

/** Puts words together again. */
export function joinWords(parts: readonly WordPart[], tail: string): string {
  return parts.map(({ space, word }) => space + word).join("") + tail;
}

/** The letters of a word, with what stands before and behind them: quotes, brackets, full stops. */
export function bareWord(word: string): { readonly before: string; readonly bare: string; readonly behind: string } {
  const [, before, bare, behind] = /^([^\p{L}\p{N}]*)([\s\S]*?)([^\p{L}\p{N}\p{M}]*)$/u.exec(word)!;
  return { before: before!, bare: bare!, behind: behind! };
}

/** Characters as people see them: a letter with its accents is one. */
export const graphemes = (text: string): string[] => [...segmenter.segment(text)].map(({ segment }) => segment);

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
