import { TokenmarkError } from "@tokenmark/core";
import type { JsonObject } from "./golden.ts";

/** How a golden file describes logits. */
export interface LogitsRecipe {
  readonly kind: "uniform" | "cubic";
  readonly n: number;
  readonly seed: number;
  /** Of `cubic`. */
  readonly scale?: number;
  /** Every logit below the k-th largest becomes −Infinity. */
  readonly keepTopK?: number;
}

/** Reads a recipe of a question. @throws TokenmarkError `bad-argument`. */
export function readRecipe(fields: JsonObject): LogitsRecipe {
  const { kind, n, seed, scale, keepTopK } = fields;
  const optional = (value: unknown): boolean => value === undefined || typeof value === "number";
  const known = kind === "uniform" || kind === "cubic";
  if (!known || typeof n !== "number" || typeof seed !== "number" || !optional(scale) || !optional(keepTopK)) {
    throw new TokenmarkError("bad-argument", `logits: wanted a recipe of kind uniform or cubic, got kind ${kind}`);
  }
  return fields as unknown as LogitsRecipe;
}

function mix(word: number): number {
  let x = word;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** The logits of a recipe, every one exact in float32. */
export function recipeLogits({ kind, n, seed, scale = 1, keepTopK }: LogitsRecipe): Float32Array {
  const logits = Float32Array.from({ length: n }, (_, i) => {
    const u = mix((seed + Math.imul(i, 0x9e3779b9)) | 0) >>> 8;
    const t = u * 2 ** -23 - 1;
    return kind === "uniform" ? u * 2 ** -20 - 8 : t * t * t * scale;
  });
  if (keepTopK === undefined || keepTopK >= n) return logits;
  const least = logits.slice().sort()[n - keepTopK]!;
  return logits.map((logit) => (logit < least ? Number.NEGATIVE_INFINITY : logit));
}
