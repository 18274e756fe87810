import type { EvidenceLevel } from "@tokenmark/detector";
import { type Cell, layOutText, type TextPiece } from "./text-cells.ts";

/** Marks under a text, one a level; a blank under what does not count. */
const MARKS: Readonly<Record<EvidenceLevel, string>> = { 0: " ", 1: ".", 2: ":", 3: "+", 4: "#" };
/** Backgrounds of the 256-colour palette, from none to deep green, under black letters. */
const BACKGROUNDS: Readonly<Record<EvidenceLevel, string>> = {
  0: "",
  1: "\x1b[30;48;5;194m",
  2: "\x1b[30;48;5;157m",
  3: "\x1b[30;48;5;114m",
  4: "\x1b[30;48;5;40m",
};
const DIM = "\x1b[2m";
const RESET = "\x1b[0m";

const paint = (level: EvidenceLevel | null, text: string): string => {
  const start = level === null ? DIM : BACKGROUNDS[level];
  return start === "" ? text : `${start}${text}${RESET}`;
};

function colourLine(cells: readonly Cell[]): string {
  let out = "";
  for (let from = 0, at = 1; from < cells.length; at++) {
    if (at < cells.length && cells[at]!.level === cells[from]!.level) continue;
    out += paint(
      cells[from]!.level,
      cells
        .slice(from, at)
        .map(({ shown }) => shown)
        .join(""),
    );
    from = at;
  }
  return out;
}

function markLine(cells: readonly Cell[]): readonly string[] {
  const text = cells.map(({ shown }) => shown).join("");
  const marks = cells.map(({ level, columns }) => (level === null ? " " : MARKS[level]).repeat(columns)).join("");
  return marks.trim() === "" ? [text] : [text, marks.trimEnd()];
}

const EXPLANATION =
  "how rarely a token scores as high without the key; without a mark 1 token in 10 has level 3 or more, 1 in 100 level 4";

/**
 * A text with the evidence of its tokens: coloured, or with marks under it where colours are unwelcome. Control characters are
 * shown, never sent to the terminal.
 */
export function heatMap(
  pieces: readonly TextPiece[],
  { colours, width = 96 }: { readonly colours: boolean; readonly width?: number },
): readonly string[] {
  const lines = layOutText(pieces, width);
  const levels = [0, 1, 2, 3, 4] as const;
  if (colours) {
    const legend = levels.map((level) => paint(level, ` ${level} `)).join("");
    return [...lines.map(colourLine), "", `evidence ${legend} ${paint(null, " does not count ")}`, `  ${EXPLANATION}`];
  }
  const legend = levels
    .slice(1)
    .map((level) => `${MARKS[level]} ${level}`)
    .join("   ");
  return [...lines.flatMap(markLine), "", `evidence, under each token:   ${legend}`, `  ${EXPLANATION}`];
}
