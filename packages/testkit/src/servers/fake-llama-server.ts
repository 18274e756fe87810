import type { LogitSource, TokenId } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { type FakeServer, type FakeServerOptions, type RoutedRequest, startFakeServer } from "./fake-server.ts";
import { isIntegerArray, isJsonObject, type JsonObject } from "./json-value.ts";
import {
  type LlamaIdentity,
  llamaCompletionBody,
  llamaCompletionChunk,
  llamaOpenaiBody,
  type OpenaiRoute,
  openaiChunks,
} from "./llama-answer.ts";
import { llamaError, llamaHttpError } from "./llama-error.ts";
import { generateOnSlot, type LlamaEngine, type LlamaResult, runToEnd } from "./llama-generation.ts";
import { type LlamaFacts, llamaMetrics, llamaModels, llamaProps, llamaSlotList } from "./llama-information.ts";
import { createLlamaProbabilityWriter } from "./llama-probabilities.ts";
import { applyChatTemplate, readLlamaPrompts } from "./llama-prompt.ts";
import { type LlamaSettings, randomSeed, readLlamaSettings } from "./llama-settings.ts";
import { createLlamaSlots } from "./llama-slots.ts";
import { createEvaluator } from "./scores.ts";
import { eventStream, jsonAnswer, type ServerAnswer, textAnswer } from "./server-answer.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";
import { wholeLength } from "./whole-length.ts";

/** Options of {@link startFakeLlamaServer}. */
export interface FakeLlamaServerOptions extends FakeServerOptions {
  readonly source: LogitSource;
  readonly vocabulary: ServerVocabulary;
  /** Tokens a slot holds. @defaultValue 1024 */
  readonly contextLength?: number;
  /** @defaultValue 2 */
  readonly slots?: number;
  /** Sequences kept beside the slots. @defaultValue 16 */
  readonly hostCacheSize?: number;
  /** Asked for on all but the public routes. @defaultValue none */
  readonly apiKey?: string;
  /** @defaultValue "toy.gguf" */
  readonly modelName?: string;
  /** Delay per generated token in ms, on top of `latencyMs`. @defaultValue 0 */
  readonly tokenMs?: number;
  /** Largest difference of a logit between cached and uncached evaluation, in nats. @defaultValue 1e-5, as measured */
  readonly jitter?: number;
  /** Names the jitter and the draws of requests without a seed. @defaultValue "llama" */
  readonly seed?: string;
}

const publicPaths = new Set(["/health", "/v1/health", "/models", "/v1/models", "/"]);

/**
 * A llama-server over any source: routes, shapes, defaults and oddities of llama.cpp's server 0.5.0-dev (commit de3ff81) as recorded
 * and measured, the rest after its sources (tools/server). Drawn tokens follow the same law, not the same random numbers.
 *
 * Left out: grammars, tools, images, LoRA, infill, embeddings, and the samplers dry, typical, xtc, top-n-sigma, mirostat: they are
 * accepted, reported back and do nothing.
 */
export async function startFakeLlamaServer(options: FakeLlamaServerOptions): Promise<FakeServer> {
  const { source, vocabulary, contextLength = 1024, slots = 2, hostCacheSize = 16, apiKey } = options;
  const { modelName = "toy.gguf", tokenMs = 0, jitter = 1e-5, seed = "llama" } = options;
  const defaultReport = readLlamaSettings({}, vocabulary, { nProbs: 0, slots, reasoningFormat: "none" }).report;
  const unseeded = seedrandom(`${seed}/draws`);
  const ids = seedrandom(`${seed}/ids`);
  const engine: LlamaEngine = {
    vocabulary,
    evaluator: createEvaluator(source, { vocabularySize: vocabulary.size, jitter, seed }),
    slots: createLlamaSlots(slots, hostCacheSize, defaultReport),
    probabilities: createLlamaProbabilityWriter(vocabulary),
    contextLength,
    tokenMs,
    random(number: number): () => number {
      if (number === randomSeed) return unseeded;
      // Made on the first draw: greedy and forced tokens need none.
      let seeded: (() => number) | undefined;
      return () => {
        seeded ??= seedrandom(`${number}`);
        return seeded();
      };
    },
  };
  const created = Math.floor(Date.now() / 1000);
  const identity: LlamaIdentity = { modelName, vocabulary, created, buildInfo: "b1-de3ff81" };
  const facts: LlamaFacts = { ...identity, contextLength, slots: engine.slots, defaultReport };
  const counters = { promptTokens: 0, cachedTokens: 0, promptMs: 0, predictedTokens: 0, predictedMs: 0, longest: 0 };

  function count(result: LlamaResult): LlamaResult {
    counters.promptTokens += result.prompt.length - result.cacheN;
    counters.cachedTokens += result.cacheN;
    counters.promptMs += result.promptMs;
    counters.predictedTokens += result.tokens.length;
    counters.predictedMs += result.predictedMs;
    counters.longest = Math.max(counters.longest, result.prompt.length + result.tokens.length);
    return result;
  }

  /** All tasks of a request: prompts times `n`. */
  function runAll(prompts: readonly TokenId[][], settings: LlamaSettings, signal: AbortSignal): Promise<LlamaResult[]> {
    const tasks = prompts.flatMap((prompt) => Array.from({ length: settings.n }, () => prompt));
    return Promise.all(
      tasks.map(async (prompt) => count(await runToEnd(generateOnSlot(engine, prompt, settings, signal)))),
    );
  }

  /** Starts a stream; what goes wrong before the first event is still an error answer. */
  async function stream(
    prompt: readonly TokenId[],
    settings: LlamaSettings,
    signal: AbortSignal,
    route: OpenaiRoute | "native",
  ): Promise<ServerAnswer> {
    const generation = generateOnSlot(engine, prompt, settings, signal);
    const first = await generation.next();
    const chunks = route === "native" ? null : openaiChunks(identity, route, newId());
    async function* events(): AsyncGenerator<string> {
      if (chunks !== null && chunks.opening !== "") yield `data: ${chunks.opening}\n\n`;
      let step = first;
      for (; !step.done; step = await generation.next()) {
        const piece = step.value;
        if (route === "chat" && piece.bytes === "") continue;
        yield `data: ${chunks === null ? llamaCompletionChunk(piece, prompt.length, 0) : chunks.piece(piece)}\n\n`;
      }
      const result = count(step.value);
      if (chunks === null) {
        yield `data: ${llamaCompletionBody(identity, settings, result, 0)}\n\n`;
        return;
      }
      for (const chunk of chunks.closing(result, settings.includeUsage)) yield `data: ${chunk}\n\n`;
      yield "data: [DONE]\n\n";
    }
    return eventStream(events());
  }

  function newId(): string {
    const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return `chatcmpl-${Array.from({ length: 32 }, () => letters[Math.floor(ids() * letters.length)]).join("")}`;
  }

  function settingsOf(body: JsonObject, nProbs: number): LlamaSettings {
    return readLlamaSettings(body, vocabulary, { nProbs, slots, reasoningFormat: "deepseek" });
  }

  function promptsOf(body: JsonObject): TokenId[][] {
    if (!Object.hasOwn(body, "prompt"))
      throw llamaError("invalid_request_error", "[json.exception.out_of_range.403] key 'prompt' not found");
    return readLlamaPrompts(body.prompt, vocabulary);
  }

  async function complete(body: JsonObject, signal: AbortSignal): Promise<ServerAnswer> {
    const prompts = promptsOf(body);
    const settings = settingsOf(body, wholeNumber(body.n_probs ?? body.logprobs));
    if (settings.stream) return stream(prompts[0]!, settings, signal, "native");
    const results = await runAll(prompts, settings, signal);
    const bodies = results.map((result, index) => llamaCompletionBody(identity, settings, result, index));
    return jsonAnswer(bodies.length === 1 ? bodies[0] : `[${bodies.join(",")}]`, { raw: true });
  }

  async function completeOpenai(body: JsonObject, signal: AbortSignal, route: OpenaiRoute): Promise<ServerAnswer> {
    let prompts: TokenId[][];
    let nProbs: number;
    if (route === "chat") {
      prompts = [vocabulary.encode(applyChatTemplate(body.messages), { addSpecial: true })];
      if (body.top_logprobs !== undefined && body.logprobs !== true)
        throw llamaError("invalid_request_error", "top_logprobs requires logprobs to be set to true");
      nProbs = body.logprobs === true ? wholeNumber(body.top_logprobs ?? 20) : 0;
    } else {
      prompts = promptsOf(body);
      if (body.echo === true) throw llamaError("invalid_request_error", "Only no echo is supported");
      nProbs = wholeNumber(body.logprobs ?? body.n_probs);
    }
    const settings = settingsOf(body, nProbs);
    if (settings.stream) return stream(prompts[0]!, settings, signal, route);
    const results = await runAll(prompts, settings, signal);
    return jsonAnswer(llamaOpenaiBody(identity, route, newId(), results), { raw: true });
  }

  function tokenize(body: JsonObject): ServerAnswer {
    const content = typeof body.content === "string" ? body.content : "";
    const tokens = vocabulary.encode(content, { addSpecial: body.add_special === true });
    if (body.with_pieces !== true) return jsonAnswer({ tokens });
    // A piece that is no text of its own comes as an array of bytes.
    const pieceOf = (token: TokenId): string | number[] => {
      const bytes = vocabulary.bytesOf(token);
      const text = vocabulary.decode([token], { special: true });
      const isText = wholeLength(bytes) === bytes.length && !text.includes("\ufffd");
      return isText ? text : Array.from(bytes, (byte) => byte.charCodeAt(0));
    };
    return jsonAnswer({ tokens: tokens.map((id) => ({ id, piece: pieceOf(id) })) });
  }

  function detokenize(body: JsonObject): ServerAnswer {
    const tokens = isIntegerArray(body.tokens) ? body.tokens : [];
    if (tokens.some((token) => token < 0 || token >= vocabulary.size))
      throw llamaError("invalid_request_error", "Prompt contains invalid tokens");
    return jsonAnswer({ content: vocabulary.decode(tokens, { special: true }) });
  }

  function route(request: RoutedRequest): ServerAnswer | Promise<ServerAnswer> {
    const { method, path, signal, headers } = request;
    if (apiKey !== undefined && !publicPaths.has(path)) {
      const given = String(headers.authorization ?? headers["x-api-key"] ?? "").replace(/^Bearer /, "");
      if (given !== apiKey) throw llamaHttpError("authentication_error", "Invalid API Key");
    }
    if (method === "GET") {
      if (path === "/health" || path === "/v1/health") return jsonAnswer({ status: "ok" });
      if (path === "/props") return jsonAnswer(llamaProps(facts));
      if (path === "/slots") return jsonAnswer(llamaSlotList(facts));
      if (path === "/v1/models" || path === "/models") return jsonAnswer(llamaModels(facts));
      if (path === "/metrics")
        return textAnswer(
          llamaMetrics(counters, engine.slots.all.filter((slot) => slot.busy).length),
          "text/plain; version=0.0.4",
        );
    }
    const handler = method === "POST" ? posts[path] : undefined;
    if (handler === undefined) throw llamaHttpError("not_found_error", "File Not Found");
    return handler(parseBody(request.text), signal);
  }

  const posts: Readonly<
    Record<string, (body: JsonObject, signal: AbortSignal) => ServerAnswer | Promise<ServerAnswer>>
  > = {
    "/completion": complete,
    "/completions": complete,
    "/v1/completions": (body, signal) => completeOpenai(body, signal, "completion"),
    "/v1/chat/completions": (body, signal) => completeOpenai(body, signal, "chat"),
    "/chat/completions": (body, signal) => completeOpenai(body, signal, "chat"),
    "/tokenize": tokenize,
    "/detokenize": detokenize,
    "/apply-template": (body) => jsonAnswer({ prompt: applyChatTemplate(body.messages) }),
  };
  return startFakeServer(route, options);
}

const wholeNumber = (value: unknown): number => (typeof value === "number" ? Math.trunc(value) : 0);

/** A body that is no JSON is a 500 here, not a 400: the server's catch-all for exceptions other than invalid_argument. */
function parseBody(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw llamaError(
      "server_error",
      `[json.exception.parse_error.101] parse error at line 1, column 1: syntax error while parsing value - invalid literal; last read: '${text.slice(0, 1)}'`,
    );
  }
  if (!isJsonObject(value))
    throw llamaError("invalid_request_error", "[json.exception.type_error.304] cannot use at() with array");
  return value;
}
