import type { TokenId } from "@tokenmark/core";
import { isIntegerArray, isJsonObject, type JsonObject } from "./json-value.ts";
import { neutralRules, type SamplingRules } from "./sampling-chain.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";
import { vllmError, vllmParameterError } from "./vllm-error.ts";

/** Sampling parameters that a model's generation_config.json sets for requests that leave them out. */
export interface VllmSamplingDefaults {
  readonly temperature?: number;
  readonly top_k?: number;
  readonly top_p?: number;
  readonly min_p?: number;
  readonly repetition_penalty?: number;
}

/** One request to /v1/completions. */
export interface VllmRequest {
  readonly prompts: readonly (readonly TokenId[])[];
  readonly rules: SamplingRules;
  readonly seed: number | null;
  readonly maxTokens: number;
  /** null: no log-probabilities; 0: of the sampled token only. */
  readonly logprobs: number | null;
  readonly stop: readonly string[];
  readonly stopTokens: readonly TokenId[];
  readonly ignoreEos: boolean;
  readonly n: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly asTokenIds: boolean;
  readonly returnTokenIds: boolean;
}

/** What a request is held against. */
export interface VllmLimits {
  readonly modelName: string;
  readonly contextLength: number;
  /** −1: the vocabulary. */
  readonly maxLogprobs: number;
  readonly defaults: VllmSamplingDefaults;
}

/**
 * Reads a request (vllm/entrypoints/openai/completion/protocol.py; checks of vllm/sampling_params.py). A parameter left out takes the
 * server's generation_config value before OpenAI's default.
 */
export function readVllmRequest(body: JsonObject, vocabulary: ServerVocabulary, limits: VllmLimits): VllmRequest {
  function read<T>(name: string, fallback: T, kind: string = typeof fallback): T {
    const value = body[name];
    if (value === undefined || value === null) return fallback;
    if (typeof value !== kind) throw vllmError(`body.${name}: Input should be a valid ${kind}`, { param: name });
    return value as T;
  }
  if (typeof body.model === "string" && body.model !== limits.modelName)
    throw vllmError(`The model \`${body.model}\` does not exist.`, { status: 404, param: "model" });
  for (const name of ["echo", "prompt_logprobs", "use_beam_search", "suffix"])
    if (body[name]) throw vllmError(`${name}: this fake server does not imitate it`, { param: name });

  const { defaults } = limits;
  const logprobs = read<number | null>("logprobs", null, "number");
  const most = limits.maxLogprobs < 0 ? vocabulary.size : limits.maxLogprobs;
  if (logprobs !== null && logprobs < 0)
    throw vllmParameterError("`logprobs` must be a positive value.", "logprobs", logprobs);
  if (logprobs !== null && logprobs > most)
    throw vllmParameterError(
      `Requested sample logprobs of ${logprobs}, which is greater than max allowed: ${most}`,
      "logprobs",
      logprobs,
    );
  const maxTokens = read("max_tokens", 16);
  if (maxTokens < 1)
    throw vllmParameterError(`max_tokens must be at least 1, got ${maxTokens}.`, "max_tokens", maxTokens);
  const temperature = read("temperature", defaults.temperature ?? 1);
  if (temperature < 0)
    throw vllmParameterError(`temperature must be non-negative, got ${temperature}.`, "temperature", temperature);
  const allowed = body.allowed_token_ids ?? null;
  if (allowed !== null && !isIntegerArray(allowed))
    throw vllmError("body.allowed_token_ids: Input should be a valid list", { param: "allowed_token_ids" });
  if (allowed?.length === 0)
    throw vllmParameterError("allowed_token_ids is not None and empty!", "allowed_token_ids", "[]");
  if (allowed?.some((token) => token < 0 || token >= vocabulary.size))
    throw vllmParameterError("allowed_token_ids contains out-of-vocab token id!", "allowed_token_ids", allowed);
  const stop = typeof body.stop === "string" ? [body.stop] : Array.isArray(body.stop) ? (body.stop as string[]) : [];
  const streamOptions = isJsonObject(body.stream_options) ? body.stream_options : {};

  const rules: SamplingRules = {
    ...neutralRules,
    steps: ["penalties", "temperature", "min_p", "top_k", "top_p"],
    temperature,
    topK: read("top_k", defaults.top_k ?? 0),
    topP: read("top_p", defaults.top_p ?? 1),
    minP: read("min_p", defaults.min_p ?? 0),
    repetitionPenalty: read("repetition_penalty", defaults.repetition_penalty ?? 1),
    presencePenalty: read("presence_penalty", 0),
    frequencyPenalty: read("frequency_penalty", 0),
    bias: readBias(body.logit_bias, vocabulary.size),
    allowed: allowed === null ? undefined : new Set(allowed),
  };
  const prompts = readPrompts(body, vocabulary);
  for (const prompt of prompts) {
    if (prompt.length + maxTokens > limits.contextLength)
      throw vllmParameterError(
        `This model's maximum context length is ${limits.contextLength} tokens. However, you requested ${maxTokens} output tokens and your prompt contains ${prompt.length} input tokens, for a total of ${prompt.length + maxTokens} tokens. Please reduce the length of the input prompt or the number of requested output tokens.`,
        "input_tokens",
        prompt.length,
      );
  }
  return {
    prompts,
    // Greedy decoding never divides by the temperature, and no truncation changes its choice.
    rules: temperature === 0 ? { ...rules, steps: ["penalties"], greedy: true } : rules,
    seed: read<number | null>("seed", null, "number"),
    maxTokens,
    logprobs,
    stop,
    stopTokens: isIntegerArray(body.stop_token_ids) ? body.stop_token_ids : [],
    ignoreEos: read("ignore_eos", false),
    n: read("n", 1),
    stream: read("stream", false),
    includeUsage: streamOptions.include_usage === true,
    asTokenIds: read("return_tokens_as_token_ids", false),
    returnTokenIds: read("return_token_ids", false),
  };
}

function readPrompts(body: JsonObject, vocabulary: ServerVocabulary): TokenId[][] {
  const { prompt } = body;
  const addSpecial = body.add_special_tokens !== false;
  const isBatch = Array.isArray(prompt) && !isIntegerArray(prompt);
  const prompts = (isBatch ? prompt : [prompt]).map((one: unknown) => {
    if (typeof one === "string") return vocabulary.encode(one, { addSpecial });
    if (isIntegerArray(one) && one.length > 0) return one;
    throw vllmError("Either prompt or prompt_embeds must be provided and non-empty.", { param: "prompt" });
  });
  const unknown = prompts.flat().find((token) => token < 0 || token >= vocabulary.size);
  if (unknown !== undefined) throw vllmError(`Token id ${unknown} is out of vocabulary`);
  return prompts;
}

function readBias(given: unknown, size: number): Map<TokenId, number> {
  const bias = new Map<TokenId, number>();
  if (!isJsonObject(given)) return bias;
  const tokens = Object.keys(given).map(Number);
  const unknown = tokens.filter((token) => !Number.isInteger(token) || token < 0 || token >= size);
  if (unknown.length > 0)
    throw vllmParameterError(
      `token_id(s) [${unknown.join(", ")}] in logit_bias contain out-of-vocab token ids. Vocabulary size: ${size}`,
      "logit_bias",
      JSON.stringify(given),
    );
  // Clamped without a word (vllm/sampling_params.py, SamplingParams.from_optional).
  for (const token of tokens) bias.set(token, Math.min(100, Math.max(-100, Number(given[String(token)]))));
  return bias;
}
