import type { TokenSequence } from "@tokenmark/core";
import { absorb, finish } from "./murmur-words.ts";

/**
 * A 64-bit SGLang key as the 32-bit state that its two words leave behind, all that any hash ever sees of it: about 2^32 keys share
 * each state. The low word goes first (SGLang PR 37577).
 *
 * @param key - 1 to 16 hexadecimal digits, with or without `0x`.
 */
export function sglangKeyState(key: string): number {
  return absorbKey(0, key);
}

function absorbKey(state: number, key: string): number {
  const word = BigInt(key.startsWith("0x") || key.startsWith("0X") ? key : `0x${key}`);
  return absorb(absorb(state, Number(word & 0xffffffffn)), Number(word >> 32n));
}

/** The state of both keys, A first, for the coin. */
export function sglangCoinState(keyA: string, keyB: string): number {
  return absorbKey(sglangKeyState(keyA), keyB);
}

/** Unsigned 32-bit hash of `count` ids from index `from` on, oldest first. */
export function sglangContextHash(tokens: TokenSequence, from: number, count: number): number {
  let state = 0;
  for (let i = 0; i < count; i++) state = absorb(state, tokens[from + i]!);
  return finish(state, count);
}

/** What a token's hash shares with all others of a context: absorb the token, finish with {@link sglangTokenHash}. */
export function sglangDrawState(keyState: number, contextHash: number): number {
  return absorb(keyState, contextHash);
}

/** Unsigned 32-bit hash of a token: two key words, the context's hash and the token. */
export function sglangTokenHash(drawState: number, token: number): number {
  return finish(absorb(drawState, token), 4);
}

/** The keyed coin of a context: four key words and its hash; A is picked where it is below P·2^32. */
export function sglangCoin(coinState: number, contextHash: number): number {
  return finish(absorb(coinState, contextHash), 5);
}

/** Coins below this pick key A. */
export function sglangCoinLimit(mixingProbability: number): number {
  return Math.floor(mixingProbability * 2 ** 32);
}

/** u in (0, 1) of a hash, a float64. */
export function sglangUniform(hash: number): number {
  return (hash + 0.5) / 2 ** 32;
}

/** −ln(1 − u), the evidence of a chosen token; 1 − u is exact, so nothing is lost near u = 1. */
export function sglangScore(hash: number): number {
  return -Math.log((0xffffffff - hash + 0.5) / 2 ** 32);
}
