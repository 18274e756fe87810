import { TokenmarkError, type TokenSequence } from "@tokenmark/core";

/** Where the keyed uniforms of a draw come from. */
export interface PowerUniforms {
  /** Tokens of this id and above were cut off before the softmax. */
  readonly vocabSize: number;
  /** The keyed u of a token below it, in [0, 1). */
  uniform(token: number): number;
}

/**
 * Leaves one finite logit (0): that of argmax u^(1/p), in float32 as the engines compute it (Aaronson 2022), p being the softmax of the
 * logits given. Ties go to the lowest token id. Where every power underflows, the lowest finite id wins; the engines would take index 0
 * even if it is masked.
 *
 * @throws TokenmarkError `all-masked` if every finite logit belongs to a token beyond the vocabulary.
 */
export function selectByPower(
  { vocabSize, uniform }: PowerUniforms,
  logits: Float32Array,
  candidates: TokenSequence | undefined,
): void {
  const tokenAt = (i: number): number => (candidates === undefined ? i : candidates[i]!);
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if (tokenAt(i) < vocabSize) top = Math.max(top, logits[i]!);
  if (top === Number.NEGATIVE_INFINITY) refuseMasked(vocabSize);
  let total = 0;
  for (let i = 0; i < logits.length; i++) if (tokenAt(i) < vocabSize) total += Math.exp(logits[i]! - top);
  let winner = -1;
  let winnerToken = 0;
  let most = -1;
  for (let i = 0; i < logits.length; i++) {
    const token = tokenAt(i);
    if (token >= vocabSize || logits[i] === Number.NEGATIVE_INFINITY) continue;
    const p = Math.fround(Math.exp(logits[i]! - top) / total);
    const value = Math.fround(uniform(token) ** Math.fround(1 / p));
    if (value > most || (value === most && token < winnerToken)) {
      most = value;
      winner = i;
      winnerToken = token;
    }
  }
  logits.fill(Number.NEGATIVE_INFINITY);
  logits[winner] = 0;
}

/** Says that the vocabulary size leaves no token to choose. */
export function refuseMasked(vocabSize: number): never {
  throw new TokenmarkError(
    "all-masked",
    `logits: wanted a finite one below vocab_size ${vocabSize}, got none; every other token is cut off by the engine`,
  );
}
