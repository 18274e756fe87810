import { type Key, schemeSubkey } from "../key.ts";
import type { WatermarkScheme } from "../types.ts";
import { checkInteger, checkNumber, checkOneOf, checkRecord } from "../validate.ts";
import { defineScheme } from "./define-scheme.ts";
import { gammaThreshold } from "./gamma-threshold.ts";
import { lefthashSeed, listKernel, minhashSeed } from "./kgw-list.ts";
import { selfhashKernel } from "./kgw-selfhash.ts";

/** How the green list of a position is seeded. */
export type KgwSeeding = "lefthash" | "minhash" | "selfhash";

/** Options of {@link kgw}. */
export interface KgwOptions {
  /** Green fraction γ of the vocabulary, in (0, 1). @defaultValue 0.25 */
  readonly gamma?: number;
  /** Bias δ ≥ 0 added to green logits, in nats. @defaultValue 2 */
  readonly delta?: number;
  /** @defaultValue "selfhash" */
  readonly seeding?: KgwSeeding;
  /** Preceding tokens h in the context, the candidate not counted, 1 to 1,024. @defaultValue 3 */
  readonly contextWidth?: number;
}

/**
 * Soft green lists (Kirchenbauer, Geiping, Wen, Katz, Miers and Goldstein 2023, algorithm 2): a keyed share γ of the vocabulary
 * gets the bias δ; a detector counts green tokens, whose number over distinct n-grams is Binomial(T, γ) in text written
 * without the key.
 *
 * `lefthash` seeds by the whole context in order, `minhash` by the context token of least keyed value, `selfhash` lets the
 * candidate take part (the last two after Kirchenbauer et al. 2023b). Wide contexts are harder to steal, narrow ones
 * survive more editing; minhash and selfhash lose less than lefthash of the same width.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function kgw(key: Key, options: KgwOptions = {}): WatermarkScheme {
  checkRecord("kgw options", options, ["gamma", "delta", "seeding", "contextWidth"]);
  const { gamma = 0.25, delta = 2, seeding = "selfhash", contextWidth = 3 } = options;
  const threshold = gammaThreshold(gamma);
  checkNumber("delta", delta, 0, 100);
  checkOneOf("seeding", seeding, ["lefthash", "minhash", "selfhash"]);
  checkInteger("contextWidth", contextWidth, 1, 1024);
  const subkey = schemeSubkey(key, `kgw/1/${seeding}/${contextWidth}/${threshold}`);
  const kernel =
    seeding === "selfhash"
      ? selfhashKernel(subkey, contextWidth, threshold, delta)
      : listKernel(seeding === "lefthash" ? lefthashSeed(subkey) : minhashSeed(subkey, contextWidth), threshold, delta);
  return defineScheme(
    {
      name: "kgw",
      context: { width: contextWidth, prompt: "included", missing: "unmarked" },
      repeats: { kind: "none" },
      nullLaw: { family: "bernoulli", p: threshold / 4294967296, weights: [1] },
      unit: "ngram",
      stage: "after-truncation",
      selects: false,
      needsSampling: false,
      distortionFree: false,
      components: 1,
    },
    kernel,
  );
}
