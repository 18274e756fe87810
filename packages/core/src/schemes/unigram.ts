import { type Key, schemeSubkey } from "../key.ts";
import { chaskey12, chaskeySchedule } from "../prf/chaskey.ts";
import type { WatermarkScheme } from "../types.ts";
import { checkNumber, checkRecord } from "../validate.ts";
import { defineScheme } from "./define-scheme.ts";
import { gammaThreshold } from "./gamma-threshold.ts";
import { listKernel } from "./kgw-list.ts";

/** Options of {@link unigram}. */
export interface UnigramOptions {
  /** Green fraction γ of the vocabulary, in (0, 1). @defaultValue 0.5 */
  readonly gamma?: number;
  /** Bias δ ≥ 0 added to green logits, in nats. @defaultValue 2 */
  readonly delta?: number;
}

/**
 * One fixed green list for the whole key (Zhao, Ananth, Li and Wang 2024, "Provable Robust Watermarking for AI-Generated Text"):
 * context-free, so it survives the most editing and is the easiest to learn from samples. Evidence is each *distinct*
 * token once: 250 tokens of 90 kinds are 90 draws of the key, not 250.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function unigram(key: Key, options: UnigramOptions = {}): WatermarkScheme {
  checkRecord("unigram options", options, ["gamma", "delta"]);
  const { gamma = 0.5, delta = 2 } = options;
  const threshold = gammaThreshold(gamma);
  checkNumber("delta", delta, 0, 100);
  const seed = new Int32Array(4);
  chaskey12(chaskeySchedule(schemeSubkey(key, `unigram/1/${threshold}`)), new Int32Array(0), 0, 0, seed);
  return defineScheme(
    {
      name: "unigram",
      context: { width: 0, prompt: "included", missing: "unmarked" },
      repeats: { kind: "none" },
      nullLaw: { family: "bernoulli", p: threshold / 4294967296, weights: [1] },
      unit: "ngram",
      stage: "after-truncation",
      selects: false,
      needsSampling: false,
      distortionFree: false,
      components: 1,
    },
    listKernel((_tokens, _from, _count, state) => state.set(seed), threshold, delta),
  );
}
