import type { Document } from "./document.ts";

/** Sentences shorter than this many characters may repeat: they are turns of phrase ("Yes, sir.", "He went out."). */
const SHORTEST_COUNTED = 40;

/** Splits prose at full stops, question and exclamation marks that a capital letter or a quotation mark follows. */
export function sentences(paragraph: string): string[] {
  return paragraph.split(/(?<=[.!?]["')]?) +(?=["'(]?[A-Z])/);
}

/** Documents without the sentences (of 40 characters and more, case and punctuation aside) that an earlier place already
 * has. A repeated heading once spoiled a training run: the model learnt the heading. */
export function deduplicate(documents: readonly Document[]): { documents: Document[]; dropped: number } {
  const seen = new Set<string>();
  let dropped = 0;
  const kept = documents.map((document) => {
    const paragraphs = document.paragraphs
      .map((paragraph) =>
        sentences(paragraph)
          .filter((sentence) => {
            if (sentence.length < SHORTEST_COUNTED) return true;
            const key = sentence.toLowerCase().replace(/[^a-z0-9]+/g, " ");
            if (seen.has(key)) {
              dropped++;
              return false;
            }
            seen.add(key);
            return true;
          })
          .join(" "),
      )
      .filter((paragraph) => paragraph.length > 0);
    return { ...document, paragraphs };
  });
  return { documents: kept.filter(({ paragraphs }) => paragraphs.length > 0), dropped };
}
