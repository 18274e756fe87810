import type { TokenId } from "@tokenmark/core";
import { isIntegerArray, isJsonObject, type JsonObject } from "./json-value.ts";
import { neutralRules, type SamplingRules } from "./sampling-chain.ts";
import { AnswerError, jsonAnswer } from "./server-answer.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";

/** SGLang's error envelope: a message and nothing else (sglang/srt/entrypoints/http_server.py, `_create_error_response`). */
export function sglangError(message: string): AnswerError {
  return new AnswerError(jsonAnswer({ error: { message } }, { status: 400 }));
}

/** One request to /generate. */
export interface SglangRequest {
  readonly prompts: readonly (readonly TokenId[])[];
  /** True if the answer is a list. */
  readonly isBatch: boolean;
  readonly rules: SamplingRules;
  readonly seed: number | null;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly stopTokens: readonly TokenId[];
  readonly ignoreEos: boolean;
  readonly returnLogprob: boolean;
  readonly topLogprobs: number;
  /** Ids whose log-probability is wanted at every position; null: none. */
  readonly chosenIds: readonly TokenId[] | null;
  readonly withText: boolean;
  readonly stream: boolean;
}

const samplingKeys = new Set([
  ...["max_new_tokens", "stop", "stop_token_ids", "temperature", "top_p", "top_k", "min_p", "frequency_penalty"],
  ...["presence_penalty", "repetition_penalty", "min_new_tokens", "n", "ignore_eos", "skip_special_tokens"],
  ...["spaces_between_special_tokens", "no_stop_trim", "custom_params", "logit_bias", "sampling_seed"],
]);

/**
 * Reads a request (sglang/srt/managers/io_struct.py, GenerateReqInput; sglang/srt/sampling/sampling_params.py). One sampling_params for all
 * prompts. Temperature 0 becomes top_k 1 at temperature 1, so that its log-probabilities are the model's.
 */
export function readSglangRequest(
  body: JsonObject,
  vocabulary: ServerVocabulary,
  contextLength: number,
): SglangRequest {
  const sampling = isJsonObject(body.sampling_params) ? body.sampling_params : {};
  for (const key of Object.keys(sampling))
    if (!samplingKeys.has(key))
      throw sglangError(`SamplingParams.__init__() got an unexpected keyword argument '${key}'`);
  const number = (name: string, fallback: number): number => {
    const value = sampling[name] ?? fallback;
    if (typeof value !== "number") throw sglangError(`${name} must be a number, got ${typeof value}.`);
    return value;
  };
  const temperature = number("temperature", 1);
  if (temperature < 0) throw sglangError(`temperature must be non-negative, got ${temperature}.`);
  const maxTokens = number("max_new_tokens", 128);
  if (maxTokens < 1) throw sglangError(`max_new_tokens must be at least 1, got ${maxTokens}.`);
  const bias = new Map<TokenId, number>();
  if (isJsonObject(sampling.logit_bias))
    for (const [key, value] of Object.entries(sampling.logit_bias)) {
      if (!/^\d+$/.test(key) || Number(key) >= vocabulary.size)
        throw sglangError(`logit_bias must has keys in [0, ${vocabulary.size - 1}], got ${key}.`);
      bias.set(Number(key), Number(value));
    }
  const { prompts, isBatch } = readPrompts(body, vocabulary);
  for (const prompt of prompts) {
    if (prompt.length >= contextLength)
      throw sglangError(
        `The input (${prompt.length} tokens) is longer than the model's context length (${contextLength} tokens).`,
      );
    if (prompt.length + maxTokens > contextLength)
      throw sglangError(
        `Requested token count exceeds the model's maximum context length of ${contextLength} tokens. You requested a total of ${prompt.length + maxTokens} tokens: ${prompt.length} tokens from the input messages and ${maxTokens} tokens for the completion.`,
      );
  }
  const stop = typeof sampling.stop === "string" ? [sampling.stop] : Array.isArray(sampling.stop) ? sampling.stop : [];
  return {
    prompts,
    isBatch,
    rules: {
      ...neutralRules,
      temperature: temperature < 1e-6 ? 1 : temperature,
      topK: temperature < 1e-6 ? 1 : number("top_k", -1),
      topP: number("top_p", 1),
      minP: number("min_p", 0),
      repetitionPenalty: number("repetition_penalty", 1),
      presencePenalty: number("presence_penalty", 0),
      frequencyPenalty: number("frequency_penalty", 0),
      bias,
    },
    seed: typeof sampling.sampling_seed === "number" ? sampling.sampling_seed : null,
    maxTokens,
    stop: stop as string[],
    stopTokens: isIntegerArray(sampling.stop_token_ids) ? sampling.stop_token_ids : [],
    ignoreEos: sampling.ignore_eos === true,
    returnLogprob: body.return_logprob === true,
    topLogprobs: typeof body.top_logprobs_num === "number" ? body.top_logprobs_num : 0,
    chosenIds: isIntegerArray(body.token_ids_logprob) ? body.token_ids_logprob : null,
    withText: body.return_text_in_logprobs === true,
    stream: body.stream === true,
  };
}

function readPrompts(body: JsonObject, vocabulary: ServerVocabulary): { prompts: TokenId[][]; isBatch: boolean } {
  const given = body.input_ids ?? body.text;
  if (given === undefined || given === null)
    throw sglangError("Either text, input_ids or input_embeds should be provided.");
  const isBatch = Array.isArray(given) && !isIntegerArray(given);
  const prompts = (isBatch ? given : [given]).map((one: unknown) => {
    if (isIntegerArray(one) && one.length > 0) return one;
    if (typeof one === "string" && body.input_ids === undefined) return vocabulary.encode(one, { addSpecial: true });
    throw sglangError("Either text, input_ids or input_embeds should be provided.");
  });
  const unknown = prompts.flat().find((token) => token < 0 || token >= vocabulary.size);
  if (unknown !== undefined)
    throw sglangError(`The input_ids ${unknown} contains values greater than the vocab size (${vocabulary.size}). `);
  return { prompts, isBatch };
}
