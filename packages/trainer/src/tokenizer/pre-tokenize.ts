/** Where a byte-level tokenizer cuts before it merges: contractions, words, numbers and signs, each with the space before it,
 * and runs of white space (Radford et al. 2019). The same expression as Hugging Face's `ByteLevel` pre-tokenizer. */
const PIECES = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Pieces of `text` in order; joined they give the text back. */
export function preTokenize(text: string): string[] {
  return text.match(PIECES) ?? [];
}
