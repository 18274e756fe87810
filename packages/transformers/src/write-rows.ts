import { Tensor } from "@huggingface/transformers";
import { type GenerationSummary, TokenmarkError } from "@tokenmark/core";
import { type ExactRow, exactProcessor, type RowSchemes } from "./exact-processor.ts";
import type { LoadedModel } from "./load-model.ts";
import type { RandomOptions } from "./row-random.ts";

/** How to draw. */
export interface SamplingOptions extends RandomOptions {
  /** New tokens at most, a row. @defaultValue 256, or less if the model's position table ends before */
  readonly maxTokens?: number;
  /** @defaultValue 1 */
  readonly temperature?: number;
  /** @defaultValue 0: all tokens */
  readonly topK?: number;
  /** @defaultValue 1 */
  readonly topP?: number;
  /** @defaultValue 0 */
  readonly minP?: number;
  /** Take the best token; refused for schemes that live in the draw. @defaultValue false */
  readonly greedy?: boolean;
  /** Tokens that end a text. @defaultValue the model's own; an empty list: none */
  readonly endTokens?: readonly number[];
  /** Ends the generation early with code `aborted`. */
  readonly signal?: AbortSignal;
}

/** One prompt's tokens and what followed them. */
export interface WrittenRow extends ExactRow {
  readonly outcomes: GenerationSummary["outcomes"];
  readonly promptTokens: readonly number[];
}

const DEFAULT_MAX_TOKENS = 256;

/** How many tokens to write: what was asked, if the position table has room for it behind the longest prompt. */
function checkLength(loaded: LoadedModel, prompts: readonly (readonly number[])[], asked: number | undefined): number {
  const longest = Math.max(...prompts.map((prompt) => prompt.length));
  const room = (loaded.contextLength ?? Number.POSITIVE_INFINITY) - longest;
  const maxTokens = asked ?? Math.min(DEFAULT_MAX_TOKENS, Math.max(room, 1));
  if (!Number.isInteger(maxTokens) || maxTokens < 1) {
    throw new TokenmarkError("bad-argument", `maxTokens: wanted an integer of at least 1, got ${maxTokens}`);
  }
  if (maxTokens > room) {
    throw new TokenmarkError(
      "too-long",
      `maxTokens: wanted a prompt and text of at most the model's ${loaded.contextLength} positions, got a prompt of ${longest} and ${maxTokens} new tokens`,
    );
  }
  return maxTokens;
}

/** Ids and mask of a left-padded batch. */
function padLeft(
  prompts: readonly (readonly number[])[],
  padToken: number,
): { input_ids: Tensor; attention_mask: Tensor } {
  const width = Math.max(...prompts.map((prompt) => prompt.length));
  const ids = new BigInt64Array(prompts.length * width).fill(BigInt(padToken));
  const mask = new BigInt64Array(ids.length);
  prompts.forEach((prompt, row) => {
    prompt.forEach((token, i) => {
      const at = (row + 1) * width - prompt.length + i;
      ids[at] = BigInt(token);
      mask[at] = 1n;
    });
  });
  const dims = [prompts.length, width];
  return { input_ids: new Tensor("int64", ids, dims), attention_mask: new Tensor("int64", mask, dims) };
}

/**
 * Writes behind each prompt, all rows in one batch, in exact mode: the host runs the model, the processor draws.
 *
 * Penalties and length rules of the model's generation_config are switched off, so that the text follows the model's own scores and
 * the options alone.
 *
 * @throws TokenmarkError `too-long`, `aborted`, and what {@link exactProcessor} throws.
 */
export async function writeRows(
  loaded: LoadedModel,
  prompts: readonly (readonly number[])[],
  schemes: RowSchemes,
  options: SamplingOptions,
  onToken: (row: number, token: number) => void = () => {},
): Promise<readonly WrittenRow[]> {
  const { maxTokens, signal, endTokens = loaded.endTokens, ...sampling } = options;
  if (Array.isArray(schemes) && schemes.length !== prompts.length) {
    throw new TokenmarkError(
      "bad-argument",
      `scheme: wanted one, or one a prompt (${prompts.length}), got ${schemes.length}`,
    );
  }
  const max_new_tokens = checkLength(loaded, prompts, maxTokens);
  const checkSignal = (): void => {
    if (signal?.aborted) throw new TokenmarkError("aborted", "generate: aborted", { cause: signal.reason });
  };
  checkSignal();
  const processor = exactProcessor(schemes, {
    ...sampling,
    vocabularySize: loaded.tokenizer.vocabularySize,
    promptLengths: prompts.map((prompt) => prompt.length),
    endTokens,
    onToken(row, token) {
      onToken(row, token);
      checkSignal();
    },
  });
  await loaded.model.generate({
    ...padLeft(prompts, loaded.padToken),
    max_new_tokens,
    do_sample: false,
    num_beams: 1,
    eos_token_id: endTokens.length === 0 ? null : [...endTokens],
    repetition_penalty: 1,
    no_repeat_ngram_size: 0,
    min_length: 0,
    min_new_tokens: null,
    forced_bos_token_id: null,
    forced_eos_token_id: null,
    guidance_scale: null,
    return_dict_in_generate: false,
    logits_processor: processor,
  } as unknown as Parameters<typeof loaded.model.generate>[0]);
  return processor.rows().map((row, i) => ({ ...row, promptTokens: [...prompts[i]!] }));
}
