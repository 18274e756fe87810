import type { TokenSequence } from "@tokenmark/core";
import { greenZ } from "../unigram/green-z.ts";
import { type GreenFlags, greenFlags, type ListSetting } from "./green-flags.ts";

/** What Hugging Face's detector returns for a text. */
export interface HfDetection {
  readonly scored: number;
  readonly green: number;
  /** Null for a text without a window. */
  readonly z: number | null;
  readonly p: number | null;
}

/**
 * Hugging Face's "p-value" of a z: 1 − ½(1 + sign z·(1 − exp(−2z²/π))), in this order of operations. The square root of the approximation
 * that it is modelled on is missing, so it is no normal tail: 0.264 instead of 0.159 at z = 1, and 0 from z ≈ 7.6 on.
 */
export function hfPValue(z: number): number {
  return 1 - 0.5 * (1 + Math.sign(z) * (1 - Math.exp((-2 * z ** 2) / Math.PI)));
}

/** Counts with every window, as the engine does whatever `ignore_repeated_ngrams` says, or with the first of each only. */
export function hfCount({ flags, isFirst }: GreenFlags, gamma: number, firstOnly: boolean): HfDetection {
  let scored = 0;
  let green = 0;
  for (let i = 0; i < flags.length; i++) {
    if (firstOnly && !isFirst[i]) continue;
    scored++;
    green += flags[i]!;
  }
  const z = greenZ(green, scored, gamma);
  return { scored, green, z, p: z === null ? null : hfPValue(z) };
}

/** The text without a leading begin token, which the engine cuts off. */
export function withoutBos(tokens: TokenSequence, bos: number | null): TokenSequence {
  return bos !== null && tokens[0] === bos ? Array.prototype.slice.call(tokens, 1) : tokens;
}

/** Hugging Face's detector over one text. */
export function hfDetect(setting: ListSetting, tokens: TokenSequence, bos: number | null): HfDetection {
  return hfCount(greenFlags(setting, withoutBos(tokens, bos)), setting.gamma, false);
}
