import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { checkGeneration, type GenerationSettings } from "./check-generation.ts";
import { exactProcessor } from "./exact-processor.ts";
import type { HostProcessor } from "./host.ts";
import type { RandomOptions } from "./row-random.ts";
import type { PaddingOptions } from "./row-starts.ts";
import { watermarkProcessor } from "./watermark-processor.ts";

/** Options of {@link markedGeneration}. */
export interface MarkedGenerationOptions extends PaddingOptions, RandomOptions {
  /** The model that will generate: its own configuration fills in what the options leave out, and so is checked too. */
  readonly model?: { readonly config?: object; readonly generation_config?: object | null };
  /** Width of the logits that the mark was made for. */
  readonly vocabularySize?: number;
  /** Draw inside the processor: `temperature`, `top_k`, `top_p` and `min_p` then all work, before the mark. @defaultValue false */
  readonly exact?: boolean;
}

/** Generation options, ready for `generate` or a pipeline. */
export type MarkedGeneration<Options extends object> = Omit<
  Options,
  "logits_processor" | "do_sample" | "top_k" | "num_beams"
> & {
  readonly do_sample: boolean;
  readonly top_k: number;
  readonly num_beams: 1;
  readonly logits_processor: HostProcessor;
};

type Settings = GenerationSettings & {
  readonly min_p?: number | null;
  readonly eos_token_id?: number | readonly number[] | null;
};

/**
 * Fills `logits_processor` into generation options after checking them, defaults of host and model included: what cannot
 * carry the mark is refused rather than generated.
 *
 * Without `exact`, `top_k` becomes 0 if it was left out (the host's default of 50 would cut after the mark), and a `top_k` or `top_p`
 * that asks for truncation is refused, since the host ignores `top_p` and applies `top_k` after the mark.
 *
 * @example
 * await model.generate(markedGeneration(scheme, { ...inputs, do_sample: true, temperature: 0.9, max_new_tokens: 200 }, { model }));
 *
 * @throws TokenmarkError `needs-sampling`, `unsupported-host`, `bad-argument`.
 */
export function markedGeneration<Options extends object>(
  scheme: WatermarkScheme,
  generation: Options,
  options: MarkedGenerationOptions = {},
): MarkedGeneration<Options> {
  const { model, exact = false, ...processorOptions } = options;
  const given = generation as Settings & {
    generation_config?: object | null;
    attention_mask?: PaddingOptions["attentionMask"];
    logits_processor?: unknown;
  };
  const asked: Settings = { ...given.generation_config, ...given };
  const effective: Settings = { ...model?.config, ...model?.generation_config, ...asked };
  checkGeneration(scheme, effective);
  if (given.logits_processor != null) {
    throw new TokenmarkError(
      "unsupported-host",
      "logits_processor: wanted none, since markedGeneration fills it in, got one; pass [yours, watermarkProcessor(scheme)] to generate instead",
    );
  }
  const mask = given.attention_mask;
  const padding = mask === undefined || options.attentionMask !== undefined ? {} : { attentionMask: mask };
  const { temperature, top_k, top_p, min_p, eos_token_id, do_sample } = effective;
  if (exact) {
    const sampled = do_sample === true;
    const processor = exactProcessor(scheme, {
      ...processorOptions,
      ...padding,
      greedy: !sampled,
      ...(sampled && typeof temperature === "number" ? { temperature } : {}),
      ...(typeof top_k === "number" ? { topK: top_k } : {}),
      ...(typeof top_p === "number" ? { topP: top_p } : {}),
      ...(typeof min_p === "number" ? { minP: min_p } : {}),
      endTokens: [eos_token_id ?? []].flat(),
    });
    return { ...generation, do_sample: false, top_k: 0, num_beams: 1, logits_processor: processor };
  }
  if (typeof asked.top_k === "number" && asked.top_k > 0) {
    throw new TokenmarkError(
      "unsupported-host",
      `top_k: wanted 0, got ${asked.top_k}; transformers.js cuts after the mark. Say exact: true to have it before`,
    );
  }
  if (typeof asked.top_p === "number" && asked.top_p < 1) {
    throw new TokenmarkError(
      "unsupported-host",
      `top_p: wanted 1, got ${asked.top_p}; transformers.js ignores it. Say exact: true to have it applied`,
    );
  }
  if (typeof asked.min_p === "number" && asked.min_p > 0) {
    throw new TokenmarkError(
      "unsupported-host",
      `min_p: wanted 0, got ${asked.min_p}; transformers.js ignores it. Say exact: true to have it applied`,
    );
  }
  const processor = watermarkProcessor(scheme, { ...processorOptions, ...padding });
  return { ...generation, do_sample: do_sample === true, top_k: 0, num_beams: 1, logits_processor: processor };
}
