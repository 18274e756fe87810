import type { LogitSource, TokenId, TokenSequence } from "@tokenmark/core";
import seedrandom from "seedrandom";

/** Options of {@link createToySource}. */
export interface ToySourceOptions {
  /** Ids 0 … vocabularySize − 1. @defaultValue 1024 */
  readonly vocabularySize?: number;
  /** Names the language: equal seeds give the same transition law. */
  readonly seed: string;
  /** Zipf exponent of the words' frequencies; smaller is flatter, so of higher entropy. @defaultValue 0.8 */
  readonly exponent?: number;
  /** Standard deviation of what the previous token adds to each logit, in nats. @defaultValue 1.5 */
  readonly context?: number;
}

/** A toy source that also answers without a promise. */
export interface ToySource extends LogitSource {
  /** Next-token logits after `tokens`, to keep or overwrite. */
  logitsAfter(tokens: TokenSequence): Float32Array;
}

/**
 * A first-order Markov chain over Zipf-distributed words: about the entropy of text (some 5 nats a token at the defaults),
 * favourite successors for each word, no model to load. The same tokens always get the same logits.
 */
export function createToySource(options: ToySourceOptions): ToySource {
  const { vocabularySize = 1024, seed, exponent = 0.8, context = 1.5 } = options;
  const rows = new Map<TokenId, Float32Array>();

  function rowAfter(previous: TokenId): Float32Array {
    const known = rows.get(previous);
    if (known !== undefined) return known;
    const random = seedrandom(`${seed}/${previous}`);
    const row = new Float32Array(vocabularySize);
    for (let token = 0; token < vocabularySize; token++) {
      // Three uniforms: nearly normal, no tails to speak of, unit variance after doubling.
      const noise = 2 * (random() + random() + random() - 1.5);
      row[token] = -exponent * Math.log(token + 1) + context * noise;
    }
    rows.set(previous, row);
    return row;
  }

  const logitsAfter = (tokens: TokenSequence): Float32Array =>
    rowAfter(tokens.length === 0 ? -1 : tokens[tokens.length - 1]!).slice();
  return Object.freeze({
    name: `toy/${seed}`,
    logitsAfter,
    next: async (tokens: readonly TokenId[]) => ({ logits: logitsAfter(tokens) }),
  });
}
