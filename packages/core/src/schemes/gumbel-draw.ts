import { mixSecondWord, mixWord, uniform52 } from "../prf/mix.ts";
import type { TokenSequence } from "../types.ts";

// Upper bounds of −ln v by the leading zeros of v's first word; v ≥ 2^−53 where all 32 bits are zero.
const BOUND: Float64Array = Float64Array.from({ length: 33 }, (_, zeros) => (zeros === 32 ? 53 : zeros + 1) * Math.LN2);

/** The keyed uniform v of a token under a 128-bit state; u = 1 − v is Aaronson's u. */
export function keyedUniform(state: Int32Array, token: number): number {
  const word = mixWord(state[0]!, state[1]!, state[2]!, token);
  return uniform52(word, mixSecondWord(state[3]!, word));
}

/**
 * Leaves one finite logit (0): that of argmax (logit − ln(−ln u)), the Gumbel-max draw with keyed noise (Aaronson 2022; Gumbel
 * 1954), the same token as argmax u^(1/p). Since −ln u ≥ 1 − u = v, the noise is at most −ln v, which the leading zeros of
 * the first hash word bound: nearly every token is dismissed without a logarithm.
 */
export function selectByGumbel(
  state: Int32Array,
  logits: Float32Array,
  candidates: TokenSequence | undefined,
  best: number,
): void {
  const [s0, s1, s2, s3] = [state[0]!, state[1]!, state[2]!, state[3]!];
  const value = (word: number, logit: number): number =>
    logit - Math.log(-Math.log1p(-uniform52(word, mixSecondWord(s3, word))));
  let winner = best;
  let most = value(mixWord(s0, s1, s2, candidates === undefined ? best : candidates[best]!), logits[best]!);
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    const word = mixWord(s0, s1, s2, candidates === undefined ? i : candidates[i]!);
    if (logit + BOUND[Math.clz32(word)]! <= most) continue;
    const v = value(word, logit);
    if (v > most) {
      most = v;
      winner = i;
    }
  }
  logits.fill(Number.NEGATIVE_INFINITY);
  logits[winner] = 0;
}
