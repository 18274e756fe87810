import type { LogitSource } from "@tokenmark/core";
import { createTextCompleter, promptOfMessages, usageOf, wholeCompletion } from "./chat-completion.ts";
import { type FakeServer, type FakeServerOptions, type RoutedRequest, startFakeServer } from "./fake-server.ts";
import { type JsonObject, parseJsonObject } from "./json-value.ts";
import { AnswerError, eventStream, jsonAnswer, type ServerAnswer, textAnswer } from "./server-answer.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";

/** Options of {@link startFakeOllamaServer}. */
export interface FakeOllamaServerOptions extends FakeServerOptions {
  readonly source: LogitSource;
  readonly vocabulary: ServerVocabulary;
  /** @defaultValue "toy:latest" */
  readonly modelName?: string;
  /** Delay per generated token in ms, on top of `latencyMs`. @defaultValue 0 */
  readonly tokenMs?: number;
  /** @defaultValue "ollama" */
  readonly seed?: string;
}

/** Ollama's envelope on its OpenAI routes (ollama/openai/openai.go, NewError). */
function ollamaError(status: 400 | 404, message: string): AnswerError {
  const type = status === 404 ? "not_found_error" : "invalid_request_error";
  return new AnswerError(jsonAnswer({ error: { message, type, param: null, code: null } }, { status }));
}

/**
 * Ollama's OpenAI routes and what tells it apart: "Ollama is running" at /, /api/version, /api/tags. A prompt is a text and nothing else
 * (Go's JSON decoder refuses ids), answers carry no ids, and /v1/completions no log-probabilities. Chat has them as text, at most 20 a
 * position (issues 13497 and 16117 of ollama/ollama).
 */
export async function startFakeOllamaServer(options: FakeOllamaServerOptions): Promise<FakeServer> {
  const { source, vocabulary, modelName = "toy:latest", tokenMs = 0, seed = "ollama" } = options;
  const completer = createTextCompleter({ source, vocabulary, tokenMs, seed, maxTokens: 64 });
  const created = Math.floor(Date.now() / 1000);
  let answers = 0;

  function checkModel(body: JsonObject): void {
    const { model } = body;
    if (model !== modelName && `${String(model)}:latest` !== modelName)
      throw ollamaError(404, `model "${String(model)}" not found, try pulling it first`);
  }

  async function complete(body: JsonObject, signal: AbortSignal, isChat: boolean): Promise<ServerAnswer> {
    if (!isChat && typeof body.prompt !== "string") {
      const kind = Array.isArray(body.prompt) ? "array" : typeof body.prompt;
      throw ollamaError(
        400,
        `json: cannot unmarshal ${kind} into Go struct field CompletionRequest.prompt of type string`,
      );
    }
    checkModel(body);
    const prompt = isChat ? promptOfMessages(body.messages) : (body.prompt as string);
    if (prompt === undefined) throw ollamaError(400, "[] is too short - 'messages'");
    const top = typeof body.top_logprobs === "number" ? body.top_logprobs : 0;
    if (isChat && (top < 0 || top > 20)) throw ollamaError(400, "top_logprobs must be between 0 and 20");
    const parts = completer.complete(prompt, body, top, signal);
    const head = {
      id: `${isChat ? "chatcmpl" : "cmpl"}-${++answers}`,
      object: isChat ? "chat.completion" : "text_completion",
      created,
      model: modelName,
      system_fingerprint: "fp_ollama",
    };
    if (body.stream === true) return eventStream(events(head, parts, isChat));
    const whole = await wholeCompletion(parts);
    const reason = { finish_reason: whole.finishReason };
    const logprobs = body.logprobs === true ? { logprobs: { content: whole.positions } } : {};
    const choice = isChat
      ? { index: 0, message: { role: "assistant", content: whole.text }, ...reason, ...logprobs }
      : { text: whole.text, index: 0, ...reason };
    return jsonAnswer({ ...head, choices: [choice], usage: usageOf(whole) });
  }

  async function* events(
    head: object,
    parts: ReturnType<typeof completer.complete>,
    isChat: boolean,
  ): AsyncGenerator<string> {
    let sent = "";
    let reason = "stop";
    const event = (text: string, finish: string | null): string => {
      const part = isChat ? { delta: { role: "assistant", content: text } } : { text };
      const kind = isChat ? { object: "chat.completion.chunk" } : {};
      return `data: ${JSON.stringify({ ...head, ...kind, choices: [{ index: 0, ...part, finish_reason: finish }] })}\n\n`;
    };
    for await (const { text, finishReason } of parts) {
      yield event(text.slice(sent.length), null);
      [sent, reason] = [text, finishReason];
    }
    yield event("", reason);
    yield "data: [DONE]\n\n";
  }

  const tag = {
    name: modelName,
    model: modelName,
    modified_at: "2026-11-01T00:00:00Z",
    size: 8_357_120,
    digest: "0".repeat(64),
    details: {
      parent_model: "",
      format: "gguf",
      family: "llama",
      families: ["llama"],
      parameter_size: "4.2M",
      quantization_level: "F16",
    },
  };

  return startFakeServer((request: RoutedRequest) => {
    const { method, path, text, signal } = request;
    if (method === "GET" || method === "HEAD") {
      if (path === "/") return textAnswer("Ollama is running");
      if (path === "/api/version") return jsonAnswer({ version: "0.12.11" });
      if (path === "/api/tags") return jsonAnswer({ models: [tag] });
      if (path === "/v1/models")
        return jsonAnswer({ object: "list", data: [{ id: modelName, object: "model", created, owned_by: "library" }] });
    }
    if (method !== "POST" || (path !== "/v1/completions" && path !== "/v1/chat/completions"))
      return textAnswer("404 page not found", "text/plain", 404);
    const body = parseJsonObject(text);
    if (body === undefined) throw ollamaError(400, "invalid character looking for beginning of value");
    return complete(body, signal, path === "/v1/chat/completions");
  }, options);
}
