import { logNormalUpperTail } from "@tokenmark/stats";
import { greenZ } from "../unigram/green-z.ts";
import type { GreenFlags } from "./green-flags.ts";

/** What lm-watermarking's detector returns for a text. */
export interface LmDetection {
  readonly scored: number;
  readonly green: number;
  /** Null for a text without a window. */
  readonly z: number | null;
  /** Upper normal tail. */
  readonly p: number | null;
  /** The flags that count, in order. */
  readonly counted: readonly number[];
}

/** Upper normal tail of a z. */
export function normalP(z: number): number {
  return Math.exp(logNormalUpperTail(z));
}

/** Counts each distinct window once (the extended module's default), or every window. */
export function lmCount({ flags, isFirst }: GreenFlags, gamma: number, ignoreRepeated: boolean): LmDetection {
  const counted = [...flags].filter((_, i) => !ignoreRepeated || isFirst[i]);
  const green = counted.reduce((sum, flag) => sum + flag, 0);
  const z = greenZ(green, counted.length, gamma);
  return { scored: counted.length, green, z, p: z === null ? null : normalP(z), counted };
}
