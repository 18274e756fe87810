/** Typographic characters and what stands for them in the corpus. A small vocabulary spends nothing on variants. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201a\u02bc\u00b4`]/g, "'"],
  [/[\u201c\u201d\u201e\u00ab\u00bb]/g, '"'],
  [/\s*[\u2014\u2015]\s*/g, "--"],
  [/[\u2010\u2011\u2012\u2013]/g, "-"],
  [/\u2026/g, "..."],
  [/[\u00a0\u2000-\u200b\u202f\ufeff]/g, " "],
];

/** One paragraph in plain ASCII punctuation and single spaces. Accents are dropped from letters; what is still not ASCII
 * is removed, and so are the underscores that mark italics in plain-text books. */
export function plainCharacters(text: string): string {
  let plain = text;
  for (const [pattern, replacement] of PLAIN) plain = plain.replace(pattern, replacement);
  return plain
    .normalize("NFD")
    .replace(/[^\x20-\x7e\s]/g, "")
    .replace(/_/g, "")
    .replace(/\s+/g, " ")
    .replace(/ ([,.;:!?])/g, "$1")
    .trim();
}
