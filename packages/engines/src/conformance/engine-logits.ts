import { TokenmarkError } from "@tokenmark/core";
import type { JsonObject } from "./golden.ts";
import { numberIn, textIn } from "./markllm-question.ts";

/** Logits of every position, by the recipes that the engines' own golden files use. */
export function engineLogits(recipe: JsonObject, vocab: number): (position: number) => Float32Array {
  const kind = textIn(recipe, "kind");
  if (kind !== "fixture" && kind !== "moving-dominant") {
    throw new TokenmarkError("bad-argument", `logits: wanted kind fixture or moving-dominant, got ${kind}`);
  }
  const modulus = numberIn(recipe, "modulus");
  const denominator = numberIn(recipe, "denominator");
  return (position) => {
    const dominant =
      kind === "fixture"
        ? recipe.dominant_token
        : (position * numberIn(recipe, "mul") + numberIn(recipe, "add")) % vocab;
    const bias = numberIn(recipe, kind === "fixture" ? "dominant_bias" : "bias");
    return Float32Array.from({ length: vocab }, (_, id) => {
      const extra = id === dominant ? bias : 0;
      return (((id * 37 + position * 17) % modulus) - 56 + extra) / denominator;
    });
  };
}
