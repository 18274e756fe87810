import type { SchemeFacts } from "@tokenmark/core";
import type { TextsealHash } from "./textseal-hash.ts";

/** What all TextSeal marks share: contexts of prompt and output, marked from the first whole window on. */
export function textsealFacts(
  ngram: number,
): Pick<SchemeFacts, "context" | "repeats" | "stage" | "unit" | "distortionFree"> {
  return {
    context: { width: ngram, prompt: "included", missing: "unmarked" },
    // No generator of TextSeal leaves repeated contexts unmarked.
    repeats: { kind: "none" },
    stage: "after-truncation",
    unit: "ngram",
    distortionFree: false,
  };
}

/** What a hash sees of a window and a token, folded into two words. */
export function unitOf(hash: TextsealHash, token: number, units: Uint32Array, at: number): void {
  hash.identity(units, at);
  units[at] = units[at]! ^ Math.imul(token, 0x9e3779b1);
}
