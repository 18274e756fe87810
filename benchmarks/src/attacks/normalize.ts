import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawIndex, drawIndices, drawOne, shareOf } from "./draws.ts";
import { joinSentences, splitSentences } from "./sentences.ts";

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
    const before = gaps.map((gap, i) => (i > 0 && chosen.has(i) && BLANKS.test(gap) ? " " : gap));
    let column = 0;
    const written = sentences.map((sentence, i) => {
      column = columnAfter(before[i]!, column);
      const result = chosen.has(i) ? breakLines(rewrite(collapse(sentence)), column, width) : sentence;
      column = columnAfter(result, column);
      return result;
    });
    return joinSentences({ sentences: written, gaps: before });
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

function breakLines(sentence: string, column: number, width: number): string {
  let result = "";
  for (const [i, word] of sentence.split(" ").entries()) {
    const full = i > 0 && column + 1 + word.length > width;
    result += i === 0 ? word : (full ? "\n" : " ") + word;
    column = full ? word.length : column + word.length + (i === 0 ? 0 : 1);
  }
  return result;
}

function columnAfter(written: string, column: number): number {
  const lineBreak = written.lastIndexOf("\n");
  return lineBreak < 0 ? column + written.length : written.length - lineBreak - 1;
}
