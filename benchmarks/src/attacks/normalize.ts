import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawIndex, drawIndices, drawOne, shareOf } from "./draws.ts";
import { splitSentences } from "./sentences.ts";

const NARROWEST = 60;
const WIDEST = 78;
const BLANKS = /^[^\S\n]+$/;

/**
 * Writes sentences as they come out of a copy through other programs: compatibility characters composed (NFKC), quotation marks and
 * dashes all plain (e-mail, plain text) or all typographic (word processors, PDF), white space collapsed, and lines broken anew at one
 * width. Which of the two and how wide is drawn for each text; blank lines and line breaks between sentences stay.
 */
export const normalize: Attack = defineTextAttack({
  name: "normalize",
  summary:
    "Sentences are written anew as by a copy through PDF, Markdown or e-mail: NFKC, quotation marks, dashes, blanks, line breaks.",
  strengthMeans: "sentences that go through the copy",
  prepare: (strength) => (text, random) => {
    const { sentences, gaps } = splitSentences(text);
    const rewrite = drawOne([plain, typographic], random);
    const width = NARROWEST + drawIndex(WIDEST - NARROWEST + 1, random);
    const chosen = new Set(drawIndices(sentences.length, shareOf(strength, sentences.length), random));
    let written = "";
    sentences.forEach((sentence, i) => {
      const copied = chosen.has(i);
      // A blank before a copied sentence is its own: one blank, or where the line is broken.
      const own = copied && i > 0 && BLANKS.test(gaps[i]!);
      if (!own) written += gaps[i]!;
      written += copied ? breakLines(rewrite(collapse(sentence)), columnAfter(written), width, own) : sentence;
    });
    return written + gaps.at(-1)!;
  },
});

function collapse(sentence: string): string {
  return sentence.normalize("NFKC").replace(/\s+/g, " ").trim();
}

function plain(sentence: string): string {
  return sentence
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’‚]/g, "'")
    .replace(/—/g, "--")
    .replace(/[‐‑–]/g, "-");
}

function typographic(sentence: string): string {
  return sentence
    .replace(/(?<=^|[\s([—-])"/g, "“")
    .replace(/"/g, "”")
    .replace(/(?<=^|[\s([—“-])'/g, "‘")
    .replace(/'/g, "’")
    .replace(/--/g, "—")
    .replace(/ - /g, " – ")
    .replace(/\.\.\./g, "…");
}

function breakLines(sentence: string, column: number, width: number, blankFirst: boolean): string {
  let result = "";
  for (const [i, word] of sentence.split(" ").entries()) {
    const blank = i > 0 || blankFirst;
    const full = blank && column + 1 + word.length > width;
    result += (full ? "\n" : blank ? " " : "") + word;
    column = full ? word.length : column + word.length + (blank ? 1 : 0);
  }
  return result;
}

function columnAfter(written: string): number {
  return written.length - written.lastIndexOf("\n") - 1;
}
