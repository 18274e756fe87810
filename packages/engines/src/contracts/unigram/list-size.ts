import { TokenmarkError } from "@tokenmark/core";

/**
 * Tokens on a green list: ⌊γV⌋ of the double product, as Python's `int(gamma * vocab_size)`.
 *
 * @throws TokenmarkError `bad-config` if the list would be empty or hold everything, so that nothing could be told from it.
 */
export function listSize(vocabSize: number, gamma: number): number {
  const size = Math.trunc(vocabSize * gamma);
  if (size < 1 || size >= vocabSize) {
    throw new TokenmarkError(
      "bad-config",
      `gamma: wanted a list of 1 to ${vocabSize - 1} of ${vocabSize} tokens, got one of ${size}`,
    );
  }
  return size;
}
