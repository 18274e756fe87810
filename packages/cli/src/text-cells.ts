import type { EvidenceLevel } from "@tokenmark/detector";

/** A piece of a text with its place in it, and how much evidence it carries; null: it does not count. */
export interface TextPiece {
  readonly text: string;
  readonly level: EvidenceLevel | null;
}

/** What a terminal shows as one character. */
export interface Cell {
  readonly shown: string;
  /** Columns it takes. */
  readonly columns: number;
  readonly level: EvidenceLevel | null;
}

const WIDE =
  /\p{Emoji_Presentation}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60\u3000-\u303f]/u;
/** Control characters of a text under test must not command the terminal that shows it; invisible ones must not hide. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/u;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function show(grapheme: string): string {
  const first = grapheme.codePointAt(0)!;
  if (grapheme === "\t") return " ";
  if (first < 0x20) return String.fromCodePoint(0x2400 + first);
  // Joined emoji have invisible joiners inside; only what begins with a hidden character is replaced.
  return HIDDEN.test(String.fromCodePoint(first)) ? "\u00b7" : grapheme;
}

// Intl.Segmenter's time grows with the square of the text in Node 20: 200,000 characters took 41 s at once.
const CHUNK = 1000;
const LONGEST_CHUNK = 4 * CHUNK;
/** A line break, or a blank before a plain character: nothing joins across it. */
const SEAM = /[\n ](?=[\n!-~])/g;

function chunkEnd(text: string, from: number): number {
  if (text.length - from <= LONGEST_CHUNK) return text.length;
  SEAM.lastIndex = from + CHUNK;
  const seam = SEAM.exec(text);
  if (seam !== null && seam.index < from + LONGEST_CHUNK) return seam.index + 1;
  const end = from + LONGEST_CHUNK;
  return /[\udc00-\udfff]/.test(text[end]!) ? end + 1 : end;
}

function* graphemes(text: string): Generator<{ readonly segment: string; readonly index: number }> {
  for (let from = 0; from < text.length; ) {
    const to = chunkEnd(text, from);
    for (const { segment, index } of segmenter.segment(text.slice(from, to))) yield { segment, index: from + index };
    from = to;
  }
}

/** Cuts lines of cells: at the text's own line breaks, and at blanks where a line grows beyond `width` columns. */
export function layOutText(pieces: readonly TextPiece[], width: number): readonly (readonly Cell[])[] {
  const text = pieces.map((piece) => piece.text).join("");
  const levelAt: (EvidenceLevel | null)[] = [];
  for (const { text: part, level } of pieces) for (let i = 0; i < part.length; i++) levelAt.push(level);
  const lines: Cell[][] = [];
  let line: Cell[] = [];
  let columns = 0;
  for (const { segment, index } of graphemes(text)) {
    if (/^\r?\n$/.test(segment)) {
      lines.push(line);
      line = [];
      columns = 0;
      continue;
    }
    const cell = { shown: show(segment), columns: WIDE.test(segment) ? 2 : 1, level: levelAt[index]! };
    if (columns + cell.columns > width) {
      const blank = line.findLastIndex(({ shown }) => shown === " ");
      // A blank that no longer fits ends its line; a word that does not fit goes on to the next.
      const rest = cell.shown === " " || blank < 0 ? [] : line.splice(blank + 1);
      if (cell.shown === " ") line.push(cell);
      lines.push(line);
      line = rest;
      columns = rest.reduce((sum, { columns: own }) => sum + own, 0);
      if (cell.shown === " ") continue;
    }
    line.push(cell);
    columns += cell.columns;
  }
  return line.length > 0 ? [...lines, line] : lines;
}
