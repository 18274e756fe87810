import type { LogitSource, TokenId } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { bestTokens } from "./best-tokens.ts";
import { type FakeServer, type FakeServerOptions, type RoutedRequest, startFakeServer } from "./fake-server.ts";
import { isIntegerArray, type JsonObject, parseJsonObject } from "./json-value.ts";
import { processLogits } from "./sampling-chain.ts";
import { createEvaluator, logSumExp } from "./scores.ts";
import { generateSequence, type SequenceStep, tokenText } from "./sequence.ts";
import { AnswerError, eventStream, jsonAnswer, type ServerAnswer, textAnswer } from "./server-answer.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";
import { readSglangRequest, type SglangRequest, sglangError } from "./sglang-request.ts";

/** Options of {@link startFakeSglangServer}. */
export interface FakeSglangServerOptions extends FakeServerOptions {
  readonly source: LogitSource;
  readonly vocabulary: ServerVocabulary;
  /** @defaultValue 1024 */
  readonly contextLength?: number;
  /** Asked for on all routes but /health. @defaultValue none */
  readonly apiKey?: string;
  /** @defaultValue "toy" */
  readonly modelName?: string;
  /** Delay per generated token in ms, on top of `latencyMs`. @defaultValue 0 */
  readonly tokenMs?: number;
  /** Largest change of a logit from decoding on top of a cache, in nats. @defaultValue 1e-5 */
  readonly jitter?: number;
  /** Names the jitter and the draws of requests without a seed. @defaultValue "sglang" */
  readonly seed?: string;
}

/** (log-probability, id, text or null), SGLang's way to say a score. */
type Triple = [number, TokenId, string | null];

/**
 * An SGLang server over any source: /generate with ids in and out, /tokenize, /detokenize, /get_model_info, /v1/models, /health. After
 * SGLang's sources (sglang/srt/managers/tokenizer_manager.py, sglang/srt/layers/sampler.py), not after recordings.
 *
 * Log-probabilities are of the logits **after** penalties, bias and temperature and before top-k, top-p and min-p; only greedy requests get
 * the model's own. A stream repeats the whole answer so far in each event. Left out: the OpenAI routes' completions, log-probabilities of
 * the prompt (`input_token_logprobs` is empty), native watermarking.
 */
export async function startFakeSglangServer(options: FakeSglangServerOptions): Promise<FakeServer> {
  const { source, vocabulary, contextLength = 1024, apiKey, modelName = "toy", tokenMs = 0 } = options;
  const { jitter = 1e-5, seed = "sglang" } = options;
  const evaluator = createEvaluator(source, { vocabularySize: vocabulary.size, jitter, seed });
  const unseeded = seedrandom(`${seed}/draws`);
  const created = Math.floor(Date.now() / 1000);
  let requests = 0;

  /** Grows the lists of `meta_info` by one position. */
  function createLogprobs(request: SglangRequest): {
    add(step: SequenceStep, history: readonly TokenId[], outputStart: number): void;
    read(): object;
  } {
    const { topLogprobs, chosenIds, withText } = request;
    const own: Triple[] = [];
    const top: (Triple[] | null)[] = [];
    const chosen: Triple[][] = [];
    const rules = { ...request.rules, steps: ["penalties", "temperature"] as const };
    return {
      add(step: SequenceStep, history: readonly TokenId[], outputStart: number): void {
        if (!request.returnLogprob) return;
        const logits = Float32Array.from(processLogits(step.raw.logits, rules, history, outputStart).logits);
        const total = logSumExp(logits);
        const triple = (token: TokenId): Triple => [
          Math.fround(logits[token]! - total),
          token,
          withText ? tokenText(vocabulary, token) : null,
        ];
        own.push(triple(step.token));
        if (topLogprobs > 0) top.push(Array.from(bestTokens(logits, topLogprobs), triple));
        if (chosenIds !== null) chosen.push(chosenIds.map(triple));
      },
      read: () => ({
        ...(request.returnLogprob ? { input_token_logprobs: [], output_token_logprobs: own } : {}),
        ...(request.returnLogprob && topLogprobs > 0 ? { input_top_logprobs: [], output_top_logprobs: top } : {}),
        ...(request.returnLogprob && chosenIds !== null
          ? { input_token_ids_logprobs: [], output_token_ids_logprobs: chosen }
          : {}),
      }),
    };
  }

  async function* answers(
    request: SglangRequest,
    prompt: readonly TokenId[],
    signal: AbortSignal,
  ): AsyncGenerator<object> {
    const { rules, maxTokens, stop, stopTokens, ignoreEos } = request;
    const random = request.seed === null ? unseeded : seedrandom(String(request.seed));
    const asked = { prompt, rules, random, maxTokens, stop, stopTokens, ignoreEos, tokenMs, signal };
    const id = (++requests).toString(16).padStart(32, "0");
    const logprobs = createLogprobs(request);
    const outputIds: TokenId[] = [];
    const started = performance.now();
    for await (const step of generateSequence(evaluator, vocabulary, asked)) {
      logprobs.add(step, [...prompt, ...outputIds], prompt.length);
      outputIds.push(step.token);
      const { ended } = step;
      yield {
        text: step.text,
        output_ids: outputIds,
        meta_info: {
          id,
          finish_reason:
            ended === undefined
              ? null
              : ended === "length"
                ? { type: "length", length: outputIds.length }
                : { type: "stop", matched: "word" in ended ? ended.word : ended.token },
          prompt_tokens: prompt.length,
          weight_version: "default",
          total_retractions: 0,
          ...logprobs.read(),
          completion_tokens: outputIds.length,
          cached_tokens: 0,
          ...(ended === undefined ? {} : { e2e_latency: (performance.now() - started) / 1000 }),
        },
      };
    }
  }

  async function lastOf(parts: AsyncIterable<object>): Promise<object> {
    let last = {};
    for await (const part of parts) last = part;
    return last;
  }

  async function generate(body: JsonObject, signal: AbortSignal): Promise<ServerAnswer> {
    const request = readSglangRequest(body, vocabulary, contextLength);
    if (!request.stream) {
      const all = await Promise.all(request.prompts.map((prompt) => lastOf(answers(request, prompt, signal))));
      return jsonAnswer(request.isBatch ? all : all[0]);
    }
    async function* events(): AsyncGenerator<string> {
      for (const prompt of request.prompts)
        for await (const part of answers(request, prompt, signal)) yield `data: ${JSON.stringify(part)}\n\n`;
      yield "data: [DONE]\n\n";
    }
    return eventStream(events());
  }

  function tokenize(body: JsonObject): ServerAnswer {
    if (typeof body.prompt !== "string") throw sglangError("prompt: Field required");
    const tokens = vocabulary.encode(body.prompt, { addSpecial: body.add_special_tokens !== false });
    return jsonAnswer({ tokens, count: tokens.length, max_model_len: contextLength });
  }

  function detokenize(body: JsonObject): ServerAnswer {
    if (!isIntegerArray(body.tokens)) throw sglangError("tokens: Field required");
    return jsonAnswer({ text: vocabulary.decode(body.tokens, { special: body.skip_special_tokens === false }) });
  }

  const modelInfo = {
    model_path: modelName,
    tokenizer_path: modelName,
    is_generation: true,
    preferred_sampling_params: null,
    weight_version: "default",
    has_image_understanding: false,
    has_audio_understanding: false,
  };
  const model = { id: modelName, object: "model", created, owned_by: "sglang", root: modelName, parent: null };

  return startFakeServer((request: RoutedRequest) => {
    const { method, path, headers, text, signal } = request;
    if (apiKey !== undefined && path !== "/health" && headers.authorization !== `Bearer ${apiKey}`)
      throw new AnswerError(jsonAnswer({ error: "Unauthorized" }, { status: 401 }));
    if (method === "GET") {
      if (path === "/health") return textAnswer("");
      if (path === "/get_model_info" || path === "/model_info") return jsonAnswer(modelInfo);
      if (path === "/v1/models")
        return jsonAnswer({ object: "list", data: [{ ...model, max_model_len: contextLength }] });
    }
    const handler =
      method === "POST" ? { "/generate": generate, "/tokenize": tokenize, "/detokenize": detokenize }[path] : undefined;
    if (handler === undefined) return jsonAnswer({ detail: "Not Found" }, { status: 404 });
    const body = parseJsonObject(text);
    if (body === undefined)
      throw sglangError("1 validation error:\n  {'type': 'json_invalid', 'msg': 'JSON decode error'}");
    return handler(body, signal);
  }, options);
}
