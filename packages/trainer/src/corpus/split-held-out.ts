import { sentences } from "./deduplicate.ts";
import type { Document } from "./document.ts";

/** Sentences in a block: long enough to be read as running text. */
const BLOCK_SENTENCES = 24;

/** Keeps one block of consecutive sentences in `every` out of training, spread evenly over all documents: held-out text of
 * the same sources in the same shares. What follows a held-out block starts a new document. */
export function splitHeldOut(
  documents: readonly Document[],
  every: number,
): { training: Document[]; heldOut: Document[] } {
  const training: Document[] = [];
  const heldOut: Document[] = [];
  let sentenceCount = 0;
  for (const document of documents) {
    let current: string[] = [];
    let held: string[] = [];
    const flush = (target: Document[], paragraphs: string[]): void => {
      if (paragraphs.length > 0) target.push({ ...document, paragraphs });
    };
    for (const paragraph of document.paragraphs) {
      // A paragraph may straddle the border of a block: its parts become paragraphs of their own.
      let part: string[] = [];
      let partHeld = false;
      const endPart = (): void => {
        if (part.length > 0) (partHeld ? held : current).push(part.join(" "));
        part = [];
      };
      for (const sentence of sentences(paragraph)) {
        const isHeld = Math.floor(sentenceCount++ / BLOCK_SENTENCES) % every === every - 1;
        if (isHeld !== partHeld) {
          endPart();
          if (isHeld) {
            flush(training, current);
            current = [];
          } else {
            flush(heldOut, held);
            held = [];
          }
          partHeld = isHeld;
        }
        part.push(sentence);
      }
      endPart();
    }
    flush(training, current);
    flush(heldOut, held);
  }
  return { training, heldOut };
}
