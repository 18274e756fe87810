import { layerBit } from "./layer-bit.ts";

/** A trained Bayesian detector of Hugging Face or DeepMind. */
export interface BayesianModel {
  /** One a layer. */
  readonly beta: readonly number[];
  /** depth × depth, of which the strict lower triangle counts. */
  readonly delta: readonly (readonly number[])[];
  readonly prior: number;
}

const LEAST = 1e-30;
const PRIOR_EDGE = 1e-5;

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** P[g of each layer | marked], given the layers before it. */
export function layerLikelihoods({ beta, delta }: BayesianModel, word: number): readonly number[] {
  return beta.map((b, l) => {
    let x = Math.fround(b);
    for (let before = 0; before < l; before++) {
      if (layerBit(word, before)) x += Math.fround(delta[l]![before]!);
    }
    const q = sigmoid(x);
    return Math.max(LEAST, 0.5 * ((layerBit(word, l) + 0.5) * q + 1 - q));
  });
}

/** The posterior probability that a text is marked (Dathathri et al. 2024, supplement), from the n-grams that count. */
export function bayesianPosterior(model: BayesianModel, words: ArrayLike<number>): number {
  const prior = Math.min(1 - PRIOR_EDGE, Math.max(PRIOR_EDGE, Math.fround(model.prior)));
  let logit = Math.log(prior / (1 - prior));
  for (let i = 0; i < words.length; i++) {
    for (const likelihood of layerLikelihoods(model, words[i]!)) logit += Math.log(2 * likelihood);
  }
  return sigmoid(logit);
}
