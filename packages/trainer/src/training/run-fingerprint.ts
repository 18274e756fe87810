import { createHash } from "node:crypto";
import type { ModelConfig } from "../model/model-config.ts";
import type { AdamWOptions } from "./adamw.ts";
import type { TokenStream } from "./batch-tensors.ts";
import type { TrainOptions } from "./train.ts";
import type { DataOrder } from "./windows.ts";

/** SHA-256 of everything that decides a run's weights: sizes, data, seed, order, schedule, optimiser, first weights. */
export function runFingerprint(
  config: ModelConfig,
  stream: TokenStream,
  options: TrainOptions,
  adamw: AdamWOptions,
  order: DataOrder,
): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([config, options.batch, options.steps, options.learningRate, options.seed, adamw, order]));
  hash.update(Int32Array.from(stream.tokens));
  if (stream.lossMask !== undefined) hash.update(Uint8Array.from(stream.lossMask));
  for (const [name, values] of options.weights ?? []) hash.update(name).update(values);
  return hash.digest("hex");
}
