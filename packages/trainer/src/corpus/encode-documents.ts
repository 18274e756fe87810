import { TrainerError } from "../errors.ts";
import type { BpeTokenizer } from "../tokenizer/bpe-tokenizer.ts";
import type { Document } from "./document.ts";

/** A document as the model reads it: one paragraph a line. */
export function documentText({ paragraphs }: Document): string {
  return paragraphs.join("\n");
}

/** All documents in one stream of ids, each after an end-of-text token. */
export function encodeDocuments(documents: readonly Document[], tokenizer: BpeTokenizer): Int32Array {
  const parts = documents.map((document) => [tokenizer.endOfText, ...tokenizer.encode(documentText(document))]);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length === documents.length) throw new TrainerError("corpus-empty", "the documents hold no text");
  const stream = new Int32Array(length);
  let at = 0;
  for (const part of parts) {
    stream.set(part, at);
    at += part.length;
  }
  return stream;
}
