import { TrainerError } from "../errors.ts";

/** Sizes of a Llama-shaped decoder with tied embeddings and as many key heads as query heads. */
export interface ModelConfig {
  readonly vocabSize: number;
  readonly layers: number;
  /** Width of the residual stream; `heads` divides it into even parts. */
  readonly width: number;
  readonly heads: number;
  /** Inner width of the SwiGLU block. */
  readonly hidden: number;
  /** Positions in a training window. */
  readonly context: number;
  /** Base of the rotary angles. @defaultValue 10000 */
  readonly ropeBase?: number;
  /** @defaultValue 1e-5 */
  readonly normEpsilon?: number;
}

/** Base of the rotary angles when the configuration does not say (Su et al. 2021). */
export const DEFAULT_ROPE_BASE = 10_000;

/** Added to the mean square before its root when the configuration does not say. */
export const DEFAULT_NORM_EPSILON = 1e-5;

/** Throws unless the sizes make a model. */
export function checkModelConfig(config: ModelConfig): void {
  for (const name of ["vocabSize", "layers", "width", "heads", "hidden", "context"] as const) {
    const value = config[name];
    if (!Number.isInteger(value) || value < 1) {
      throw new TrainerError("invalid-argument", `${name} must be a positive integer, got ${String(value)}`);
    }
  }
  if (config.width % (2 * config.heads) !== 0) {
    throw new TrainerError(
      "invalid-argument",
      `width must be a multiple of 2 × heads (rotary pairs), got width ${config.width} and ${config.heads} heads`,
    );
  }
}
