import type { TokenSequence } from "@tokenmark/core";
import { sglangTokenHash } from "./sglang-hash.ts";

// −ln(1 − u) ≤ (leading zeros of the complement + 1)·ln 2, and the noise −ln(−ln u) is at most −ln(1 − u).
const BOUND: Float64Array = Float64Array.from({ length: 33 }, (_, zeros) => (zeros + 1) * Math.LN2);

/** −ln u; near u = 1 from the complement, where a hash's last bits would be lost otherwise (as SGLang's fixed head does). */
function minusLogUniform(hash: number): number {
  return hash < 2 ** 31 ? -Math.log((hash + 0.5) / 2 ** 32) : -Math.log1p(-((0xffffffff - hash + 0.5) / 2 ** 32));
}

/**
 * Leaves one finite logit (0): argmax ln(u)/p over the tokens with p > 0, lowest index on ties, written as
 * argmax logit − ln(−ln u), the same order. `best` is the index of the largest logit.
 */
export function runGumbelRace(
  drawState: number,
  logits: Float32Array,
  candidates: TokenSequence | undefined,
  best: number,
): void {
  const hashAt = (i: number): number => sglangTokenHash(drawState, candidates === undefined ? i : candidates[i]!);
  let winner = best;
  let most = logits[best]! - Math.log(minusLogUniform(hashAt(best)));
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    const hash = hashAt(i);
    if (logit + BOUND[Math.clz32(~hash)]! < most) continue;
    const value = logit - Math.log(minusLogUniform(hash));
    if (value > most || (value === most && i < winner)) {
      most = value;
      winner = i;
    }
  }
  logits.fill(Number.NEGATIVE_INFINITY);
  logits[winner] = 0;
}

/** Largest probability of a softmax over the logits; NaN for logits without one. */
export function largestProbability(logits: Float32Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - top);
  return sum > 0 ? 1 / sum : Number.NaN;
}
