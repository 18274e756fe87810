import { createSampler, type TokenId } from "@tokenmark/core";
import type { SamplingSettings } from "./text-model.ts";

/** The law of a next token over those that truncation leaves; `probabilities[i]` is that of `tokens[i]`. */
export interface SamplingLaw {
  readonly tokens: Int32Array;
  readonly probabilities: Float64Array;
}

/** Makes a function from scores of a whole vocabulary to the law that an unmarked sampler of these settings draws from. */
export function samplingLaw(settings: SamplingSettings): (logits: Float32Array) => SamplingLaw {
  const sampler = createSampler({ ...settings, random: () => 0 });
  return (logits) => {
    let law: SamplingLaw | undefined;
    const take = (left: Float32Array, candidates?: ArrayLike<TokenId>): void => {
      law = softmax(left, candidates);
    };
    // What a mark would be given is what the sampler draws from without one.
    sampler.sample(logits.slice(), { mark: { stage: "after-truncation", apply: take } });
    return law!;
  };
}

function softmax(logits: Float32Array, candidates: ArrayLike<TokenId> | undefined): SamplingLaw {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > max) max = logits[i]!;
  const probabilities = Float64Array.from(logits, (value) => Math.exp(value - max));
  let total = 0;
  for (let i = 0; i < probabilities.length; i++) total += probabilities[i]!;
  for (let i = 0; i < probabilities.length; i++) probabilities[i]! /= total;
  return { tokens: Int32Array.from(logits, (_, i) => candidates?.[i] ?? i), probabilities };
}
