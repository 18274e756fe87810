import type { TokenId } from "@tokenmark/core";
import { isJsonObject, type JsonObject } from "./json-value.ts";
import { llamaError, llamaTypeError } from "./llama-error.ts";
import type { SamplingRules, SamplingStep } from "./sampling-chain.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";

/** llama-server's `seed` for "draw one". */
export const randomSeed = 4_294_967_295;

const defaultSamplers = ["penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature"];
const steps = new Set<string>(["penalties", "top_k", "top_p", "min_p", "temperature"]);

/** One request's settings, read as llama-server reads them. */
export interface LlamaSettings {
  /** `generation_settings` of the answer, whole. */
  readonly report: JsonObject;
  readonly rules: SamplingRules;
  readonly seed: number;
  /** −1: until the context is full. */
  readonly nPredict: number;
  readonly nProbs: number;
  readonly postSamplingProbs: boolean;
  readonly returnTokens: boolean;
  readonly responseFields: readonly string[];
  readonly cachePrompt: boolean;
  /** −1: any slot. */
  readonly idSlot: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly stop: readonly string[];
  /** Completions per prompt. */
  readonly n: number;
}

/** What differs between the routes. */
export interface LlamaDefaults {
  readonly nProbs: number;
  readonly slots: number;
  /** "deepseek" in requests, "none" in /props, as recorded. */
  readonly reasoningFormat: string;
}

/**
 * Reads a request (llama.cpp, tools/server/server-schema.cpp): `null` means absent, a number of the wrong type is a 400, unknown
 * ids in `logit_bias` and unknown samplers are dropped without a word, string keys of `logit_bias` are tokenised.
 */
export function readLlamaSettings(
  body: JsonObject,
  vocabulary: ServerVocabulary,
  defaults: LlamaDefaults,
): LlamaSettings {
  function read<T>(names: readonly string[], fallback: T): T {
    for (const name of names) {
      const value = body[name];
      if (value === undefined || value === null) continue;
      if (typeof value !== typeof fallback) throw llamaTypeError(name, typeof fallback, value);
      return value as T;
    }
    return fallback;
  }
  // Sampling parameters live in single precision and are reported from there.
  const float = (name: string, fallback: number): number => Math.fround(read([name], fallback));
  const whole = (name: string, fallback: number): number => Math.trunc(read([name], fallback));

  const requested = body.samplers;
  const samplers = Array.isArray(requested)
    ? requested.filter((name): name is string => defaultSamplers.includes(name as string))
    : defaultSamplers;
  const bias = readLogitBias(body.logit_bias, vocabulary);
  const stop = (Array.isArray(body.stop) ? body.stop : body.stop === undefined ? [] : [body.stop]).filter(
    (word): word is string => typeof word === "string" && word !== "",
  );
  const nPredict = Math.trunc(read(["n_predict", "max_completion_tokens", "max_tokens"], -1));
  const n = Math.trunc(read(["n_cmpl", "n"], 1));
  if (n < 1 || n > defaults.slots)
    throw llamaError(
      "invalid_request_error",
      `Field 'n': Value must be between 1 <= value <= ${defaults.slots}, but got ${n}`,
    );
  const ignoreEos = read(["ignore_eos"], false);
  if (ignoreEos) for (const token of vocabulary.endTokens) bias.push({ bias: Number.NEGATIVE_INFINITY, token });
  const requestedSeed = whole("seed", -1);
  const seed = requestedSeed < 0 ? randomSeed : requestedSeed >>> 0;
  const stream = read(["stream"], false);
  const nProbs = defaults.nProbs;
  const postSamplingProbs = read(["post_sampling_probs"], false);
  const streamOptions = isJsonObject(body.stream_options) ? body.stream_options : {};

  const report = {
    seed,
    temperature: Math.max(0, float("temperature", 0.8)),
    dynatemp_range: float("dynatemp_range", 0),
    dynatemp_exponent: float("dynatemp_exponent", 1),
    top_k: Math.max(0, whole("top_k", 40)),
    top_p: unit(float("top_p", 0.95)),
    min_p: unit(float("min_p", 0.05)),
    top_n_sigma: float("top_n_sigma", -1),
    xtc_probability: float("xtc_probability", 0),
    xtc_threshold: float("xtc_threshold", 0.1),
    typical_p: float("typical_p", 1),
    repeat_last_n: whole("repeat_last_n", 64),
    repeat_penalty: float("repeat_penalty", 1),
    presence_penalty: float("presence_penalty", 0),
    frequency_penalty: float("frequency_penalty", 0),
    dry_multiplier: float("dry_multiplier", 0),
    dry_base: float("dry_base", 1.75),
    dry_allowed_length: whole("dry_allowed_length", 2),
    dry_penalty_last_n: whole("dry_penalty_last_n", 64),
    dry_sequence_breakers: ["\n", ":", '"', "*"],
    mirostat: whole("mirostat", 0),
    mirostat_tau: float("mirostat_tau", 5),
    mirostat_eta: float("mirostat_eta", 0.1),
    adaptive_target: float("adaptive_target", -1),
    adaptive_decay: float("adaptive_decay", 0.9),
    stop,
    max_tokens: nPredict,
    n_predict: nPredict,
    n_keep: whole("n_keep", 0),
    n_discard: whole("n_discard", 0),
    ignore_eos: ignoreEos,
    stream,
    logit_bias: bias,
    n_probs: nProbs,
    min_keep: whole("min_keep", 0),
    grammar: "",
    grammar_lazy: false,
    grammar_triggers: [],
    preserved_tokens: [],
    chat_format: "Content-only",
    reasoning_format: defaults.reasoningFormat,
    reasoning_in_content: false,
    generation_prompt: "",
    samplers,
    "speculative.types": "none",
    timings_per_token: read(["timings_per_token"], false),
    post_sampling_probs: postSamplingProbs,
    backend_sampling: false,
    lora: [],
  };
  const total = new Map<TokenId, number>();
  for (const { token, bias: added } of bias) total.set(token, (total.get(token) ?? 0) + added);
  return {
    report,
    rules: {
      steps: samplers.filter((name): name is SamplingStep => steps.has(name)),
      temperature: report.temperature,
      topK: report.top_k,
      topP: report.top_p,
      minP: report.min_p,
      repetitionPenalty: report.repeat_penalty,
      presencePenalty: report.presence_penalty,
      frequencyPenalty: report.frequency_penalty,
      penaltyWindow: report.repeat_last_n,
      bias: total,
    },
    seed,
    nPredict,
    nProbs,
    postSamplingProbs,
    returnTokens: read(["return_tokens"], false),
    responseFields: Array.isArray(body.response_fields) ? (body.response_fields as string[]) : [],
    cachePrompt: read(["cache_prompt"], true),
    idSlot: whole("id_slot", -1),
    stream,
    includeUsage: streamOptions.include_usage === true,
    stop,
    n,
  };
}

const unit = (value: number): number => Math.min(1, Math.max(0, value));

function readLogitBias(given: unknown, vocabulary: ServerVocabulary): { bias: number; token: TokenId }[] {
  const bias: { bias: number; token: TokenId }[] = [];
  function add(key: unknown, value: unknown): void {
    // `false` bans a token.
    const amount = value === false ? Number.NEGATIVE_INFINITY : value;
    if (typeof amount !== "number") return;
    if (Number.isInteger(key)) {
      const token = key as number;
      if (token >= 0 && token < vocabulary.size) bias.push({ bias: amount, token });
    } else if (typeof key === "string") {
      for (const token of vocabulary.encode(key)) bias.push({ bias: amount, token });
    }
  }
  if (Array.isArray(given)) {
    for (const pair of given) if (Array.isArray(pair) && pair.length === 2) add(pair[0], pair[1]);
  } else if (isJsonObject(given)) {
    for (const [key, value] of Object.entries(given)) add(/^-?\d+$/.test(key) ? Number(key) : key, value);
  }
  return bias;
}
