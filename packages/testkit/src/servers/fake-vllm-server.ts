import type { LogitSource, TokenId } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { type FakeServer, type FakeServerOptions, type RoutedRequest, startFakeServer } from "./fake-server.ts";
import { isIntegerArray, isJsonObject, type JsonObject } from "./json-value.ts";
import { createEvaluator } from "./scores.ts";
import { collectSteps, generateSequence, type SequenceStep } from "./sequence.ts";
import { AnswerError, eventStream, jsonAnswer, type ServerAnswer, textAnswer } from "./server-answer.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";
import { vllmError } from "./vllm-error.ts";
import { type VllmLogprobsMode, vllmLogprobs, vllmNaming } from "./vllm-logprobs.ts";
import { readVllmRequest, type VllmRequest, type VllmSamplingDefaults } from "./vllm-request.ts";

/** Options of {@link startFakeVllmServer}. */
export interface FakeVllmServerOptions extends FakeServerOptions {
  readonly source: LogitSource;
  readonly vocabulary: ServerVocabulary;
  /** `--max-model-len`. @defaultValue 1024 */
  readonly contextLength?: number;
  /** `--api-key`; asked for on /v1 only. @defaultValue none */
  readonly apiKey?: string;
  /** @defaultValue "toy" */
  readonly modelName?: string;
  /** `--max-logprobs`; −1: the vocabulary. @defaultValue 20 */
  readonly maxLogprobs?: number;
  /** `--logprobs-mode`. @defaultValue "raw_logprobs" */
  readonly logprobsMode?: VllmLogprobsMode;
  /** The model's generation_config.json. @defaultValue top_k 20, top_p 0.8, repetition_penalty 1.05, as Qwen's models have */
  readonly samplingDefaults?: VllmSamplingDefaults;
  /** Delay per generated token in ms, on top of `latencyMs`. @defaultValue 0 */
  readonly tokenMs?: number;
  /** Largest change of a logit from decoding on top of a cache, in nats. @defaultValue 1e-5 */
  readonly jitter?: number;
  /** Names the jitter and the draws of requests without a seed. @defaultValue "vllm" */
  readonly seed?: string;
}

/** Qwen2.5's generation_config.json, but for its temperature. */
const qwenDefaults: VllmSamplingDefaults = { top_k: 20, top_p: 0.8, repetition_penalty: 1.05 };

/**
 * A vLLM OpenAI server over any source: /v1/completions with OpenAI's legacy arrays, ids on request, /tokenize, /detokenize, /v1/models,
 * /health, /version. After vLLM's sources (vllm/entrypoints/openai/completion, vllm/v1/sample/sampler.py), not after recordings.
 *
 * Left out: chat, echo, prompt log-probabilities, beam search, native watermarking.
 */
export async function startFakeVllmServer(options: FakeVllmServerOptions): Promise<FakeServer> {
  const { source, vocabulary, contextLength = 1024, apiKey, modelName = "toy", maxLogprobs = 20 } = options;
  const { logprobsMode = "raw_logprobs", samplingDefaults = qwenDefaults, tokenMs = 0 } = options;
  const { jitter = 1e-5, seed = "vllm" } = options;
  const evaluator = createEvaluator(source, { vocabularySize: vocabulary.size, jitter, seed });
  const limits = { modelName, contextLength, maxLogprobs, defaults: samplingDefaults };
  const unseeded = seedrandom(`${seed}/draws`);
  const created = Math.floor(Date.now() / 1000);
  let completions = 0;

  function sequence(
    request: VllmRequest,
    prompt: readonly TokenId[],
    signal: AbortSignal,
  ): AsyncIterable<SequenceStep> {
    const { rules, maxTokens, stop, stopTokens, ignoreEos } = request;
    const random = request.seed === null ? unseeded : seedrandom(String(request.seed));
    const asked = { prompt, maxTokens, stop, stopTokens, ignoreEos, tokenMs, signal };
    return generateSequence(evaluator, vocabulary, { ...asked, rules, random });
  }

  /** One choice as JSON; for a chunk of a stream, of the steps in it. */
  function choiceOf(
    request: VllmRequest,
    index: number,
    prompt: readonly TokenId[],
    steps: readonly SequenceStep[],
    before: { readonly text: string; readonly offset: number; readonly isChunk: boolean },
  ): string {
    const { ended, text } = steps.at(-1)!;
    const naming = vllmNaming(vocabulary, request.asTokenIds);
    let logprobs = "null";
    if (request.logprobs !== null) {
      const arrays = vllmLogprobs(steps, request.logprobs, logprobsMode, naming, before.offset);
      const { top_logprobs, ...rest } = arrays;
      logprobs = `${JSON.stringify(rest).slice(0, -1)},"top_logprobs":[${top_logprobs.join(",")}]}`;
    }
    const reason = ended === undefined ? null : ended === "length" ? "length" : "stop";
    // The end token is no reason of its own; a stop string or a stop token id is.
    let stopReason: string | number | null = null;
    if (typeof ended === "object") {
      if ("word" in ended) stopReason = ended.word;
      else if (!vocabulary.endTokens.includes(ended.token)) stopReason = ended.token;
    }
    const tokenIds = request.returnTokenIds ? steps.map((step) => step.token) : null;
    const promptIds = request.returnTokenIds && before.offset === 0 ? prompt : null;
    const head = { index, text: text.slice(before.text.length) };
    const tail = { finish_reason: reason, stop_reason: stopReason, token_ids: tokenIds, prompt_token_ids: promptIds };
    const more = before.isChunk ? {} : { prompt_logprobs: null };
    return `${JSON.stringify(head).slice(0, -1)},"logprobs":${logprobs},${JSON.stringify({ ...tail, ...more }).slice(1)}`;
  }

  function usageOf(promptTokens: number, completionTokens: number): object {
    return {
      prompt_tokens: promptTokens,
      total_tokens: promptTokens + completionTokens,
      completion_tokens: completionTokens,
    };
  }

  async function complete(body: JsonObject, signal: AbortSignal): Promise<ServerAnswer> {
    const request = readVllmRequest(body, vocabulary, limits);
    const { prompts, n } = request;
    const id = `cmpl-${(++completions).toString(16).padStart(32, "0")}`;
    const head = { id, object: "text_completion", created, model: modelName };
    const tasks = prompts.flatMap((prompt) => Array.from({ length: n }, () => prompt));
    const promptTokens = prompts.reduce((sum, prompt) => sum + prompt.length, 0);
    const opening = JSON.stringify(head).slice(0, -1);
    if (!request.stream) {
      const all = await Promise.all(tasks.map((prompt) => collectSteps(sequence(request, prompt, signal))));
      const whole = { text: "", offset: 0, isChunk: false };
      const choices = all.map((steps, index) => choiceOf(request, index, tasks[index]!, steps, whole));
      const usage = { ...usageOf(promptTokens, all.flat().length), prompt_tokens_details: null };
      const tail = { service_tier: null, system_fingerprint: null, usage, kv_transfer_params: null };
      return jsonAnswer(`${opening},"choices":[${choices.join(",")}],${JSON.stringify(tail).slice(1)}`, { raw: true });
    }
    async function* events(): AsyncGenerator<string> {
      let count = 0;
      for (const [index, prompt] of tasks.entries()) {
        const before = { text: "", offset: 0, isChunk: true };
        for await (const step of sequence(request, prompt, signal)) {
          count++;
          yield `data: ${opening},"choices":[${choiceOf(request, index, prompt, [step], before)}]}\n\n`;
          before.text = step.text;
          before.offset = step.text.length;
        }
      }
      if (request.includeUsage)
        yield `data: ${JSON.stringify({ ...head, choices: [], usage: usageOf(promptTokens, count) })}\n\n`;
      yield "data: [DONE]\n\n";
    }
    return eventStream(events());
  }

  function tokenize(body: JsonObject): ServerAnswer {
    if (typeof body.prompt !== "string") throw vllmError("body.prompt: Field required", { param: "prompt" });
    const tokens = vocabulary.encode(body.prompt, { addSpecial: body.add_special_tokens !== false });
    return jsonAnswer({ count: tokens.length, max_model_len: contextLength, tokens, token_strs: null });
  }

  function detokenize(body: JsonObject): ServerAnswer {
    if (!isIntegerArray(body.tokens)) throw vllmError("body.tokens: Field required", { param: "tokens" });
    return jsonAnswer({ prompt: vocabulary.decode(body.tokens, { special: true }) });
  }

  function models(): object {
    const model = { id: modelName, object: "model", created, owned_by: "vllm", root: modelName, parent: null };
    return { object: "list", data: [{ ...model, max_model_len: contextLength, permission: [] }] };
  }

  const posts: Record<string, (body: JsonObject, signal: AbortSignal) => ServerAnswer | Promise<ServerAnswer>> = {
    "/v1/completions": complete,
    "/tokenize": tokenize,
    "/detokenize": detokenize,
  };

  return startFakeServer((request: RoutedRequest) => {
    const { method, path, headers, text, signal } = request;
    // The middleware guards /v1 alone, and its envelope is a bare word (vllm/entrypoints/serve/middleware/authenticate.py).
    if (apiKey !== undefined && path.startsWith("/v1") && headers.authorization !== `Bearer ${apiKey}`)
      throw new AnswerError(jsonAnswer({ error: "Unauthorized" }, { status: 401 }));
    if (method === "GET") {
      if (path === "/health") return textAnswer("");
      if (path === "/version") return jsonAnswer({ version: "0.31.0" });
      if (path === "/v1/models") return jsonAnswer(models());
    }
    const handler = method === "POST" ? posts[path] : undefined;
    if (handler === undefined) throw vllmError("Not Found", { status: 404 });
    return handler(readBody(text), signal);
  }, options);
}

function readBody(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Falls through to the same answer as a body of another type.
  }
  throw vllmError("[{'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error'}]");
}
