import { plainCharacters } from "./plain-characters.ts";

/** Shortest paragraph that is kept, in characters: shorter ones are mostly headings and page furniture. */
const SHORTEST = 20;

/** Paragraphs of prose of a plain-text book whose paragraphs stand between blank lines. Headings (no lower-case letter, or
 * "CHAPTER …"), bracketed notes and verse (most lines indented by four spaces or more) are left out. */
export function bookParagraphs(text: string): string[] {
  return text
    .replace(/\r/g, "")
    .split(/\n\s*\n/)
    .filter((block) => !isVerse(block))
    .map(plainCharacters)
    .filter((paragraph) => paragraph.length >= SHORTEST && !isHeading(paragraph));
}

function isVerse(block: string): boolean {
  const lines = block.split("\n").filter((line) => line.trim().length > 0);
  const indented = lines.filter((line) => /^\s{4,}/.test(line)).length;
  // One indented first line is how some books open a paragraph.
  return lines.length > 1 ? indented > lines.length / 2 : false;
}

function isHeading(paragraph: string): boolean {
  return (
    !/[a-z]/.test(paragraph) || /^(CHAPTER|VOLUME|BOOK|Chapter|[IVXLC]+\.) /.test(paragraph) || /^\[/.test(paragraph)
  );
}
