import { defineScheme, type ProcessOptions, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";

/** Keyed uniforms of one position. */
export interface KeyedUniforms {
  /** Loads a context. */
  seed(tokens: TokenSequence, from: number, count: number): void;
  /** u of a token in the loaded context, in [0, 1). */
  uniform(token: number): number;
  /** What the generator saw of the loaded context, 32 bits. */
  identity(): number;
}

/** Where an exponential scheme stands in the sampler and how it draws. */
export interface ExponentialDraw {
  readonly stage: WatermarkScheme["stage"];
  mark(logits: Float32Array, options: ProcessOptions, best: number): void;
}

/**
 * The scheme of a draw by torch uniforms: evidence is −ln(1 − u) of the chosen token, once for every (what the generator saw of the context, token).
 *
 * u takes 2^24 values k·2^-24, so 1 − u is never 0 and the evidence is Exp(1) with its top cut off at 24·ln 2 and everything rounded
 * down: the law declared here bounds it from above, by less than 1e-6 a token on average.
 */
export function exponentialScheme(
  name: string,
  width: number,
  source: KeyedUniforms,
  draw: ExponentialDraw,
): WatermarkScheme {
  // 0 − x, not −x: u = 0 gives 0, not −0.
  const score = (token: number): number => 0 - Math.log(1 - source.uniform(token));
  return defineScheme(
    {
      name,
      context: { width, prompt: "included", missing: "unmarked" },
      repeats: { kind: "none" },
      nullLaw: { family: "exponential", weights: [1] },
      unit: "ngram",
      stage: draw.stage,
      selects: true,
      needsSampling: true,
      distortionFree: false,
      components: 1,
    },
    {
      seed: source.seed,
      score,
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit(token, units, at) {
        units[at] = source.identity();
        units[at + 1] = token;
      },
      mark: draw.mark,
    },
  );
}
