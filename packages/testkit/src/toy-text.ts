import {
  createLogitsProcessor,
  createSampler,
  type LogitsProcessor,
  type SamplerOptions,
  type TokenId,
  type TokenSequence,
  type WatermarkScheme,
} from "@tokenmark/core";
import type { ToySource } from "./toy-source.ts";

/** Options of {@link writeToyText}. */
export interface ToyTextOptions extends Omit<SamplerOptions, "greedy"> {
  readonly random: () => number;
  /** Without it the text is unmarked. */
  readonly scheme?: WatermarkScheme;
  readonly length: number;
  readonly prompt?: TokenSequence;
}

/** Writes `length` tokens after the prompt, synchronously: thousands of texts a test. Answers the new tokens alone. */
export function writeToyText(source: ToySource, options: ToyTextOptions): Int32Array {
  const { scheme, length, prompt = [], random, ...sampling } = options;
  const sampler = createSampler({ ...sampling, random });
  const processor: LogitsProcessor | undefined =
    scheme && createLogitsProcessor(scheme, { promptLength: prompt.length, random });
  const tokens: TokenId[] = Array.from(prompt);
  const mark = processor && {
    stage: processor.scheme.stage,
    apply: (logits: Float32Array, candidates?: TokenSequence): void => {
      processor.mark(logits, tokens, candidates);
    },
  };
  for (let i = 0; i < length; i++)
    tokens.push(sampler.sample(source.logitsAfter(tokens), mark === undefined ? {} : { mark }));
  return Int32Array.from(tokens.slice(prompt.length));
}
