import type { TokenSequence } from "@tokenmark/core";

/** How one code base turns an n-gram into its g-values: load a context, then ask about tokens. */
export interface GValues {
  readonly depth: number;
  /** Ids that are congruent modulo this have the same g-values; Infinity: no two need to. */
  readonly period: number;
  /** Loads the n − 1 tokens before a position. */
  load(tokens: TokenSequence, from: number, count: number): void;
  /** g-values of the n-gram that a token completes: bit l is layer l. */
  word(token: number): number;
  /** {@link word} of many tokens at once, 0 … n − 1 without candidates. */
  words(into: Int32Array, candidates: TokenSequence | undefined, n: number): void;
  /** 64-bit hash of the loaded context, by which repeats are known, as [low, high]. */
  contextHash(into: Uint32Array): void;
  /** What the g-values of a token depend on, all of it, as two words at `at`: what counts once. */
  identity(token: number, into: Uint32Array, at: number): void;
  /**
   * Ones among the g-values and {@link identity} for every token from index `from` on, each after the `count` tokens before it, to
   * `out[at…]` and `units[2·at…]`. Only where it is faster than one by one.
   */
  onesRun?(tokens: TokenSequence, from: number, count: number, out: Float64Array, units: Uint32Array, at: number): void;
  /** The keys of an n-gram's layers in full, for printing. */
  layerKeys(token: number): readonly bigint[];
}
