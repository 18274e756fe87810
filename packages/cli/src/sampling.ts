import type { SamplingOptions } from "@tokenmark/transformers";
import { given } from "./given.ts";
import type { SamplingFlags } from "./shared-options.ts";

/**
 * The generator's options for what the command line says. Temperature 0 is the usual word for greedy decoding, and the best of one
 * token is the same thing: both are refused where the mark lives in the draw.
 */
export function samplingOf({ temperature, topK, topP, minP, seed }: SamplingFlags): SamplingOptions {
  const greedy = temperature === 0 || topK === 1 ? true : undefined;
  return given({ temperature: greedy ? undefined : temperature, greedy, topK, topP, minP, seed });
}
