import type { LogitSource } from "@tokenmark/core";
import { createTextCompleter, promptOfMessages, usageOf, wholeCompletion } from "./chat-completion.ts";
import { type FakeServer, type FakeServerOptions, type RoutedRequest, startFakeServer } from "./fake-server.ts";
import { parseJsonObject } from "./json-value.ts";
import { AnswerError, eventStream, jsonAnswer, type ServerAnswer } from "./server-answer.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";

/** Options of {@link startFakeOpenaiChatServer}. */
export interface FakeOpenaiChatServerOptions extends FakeServerOptions {
  readonly source: LogitSource;
  readonly vocabulary: ServerVocabulary;
  /** @defaultValue "sk-test" */
  readonly apiKey?: string;
  /** @defaultValue "gpt-toy" */
  readonly modelName?: string;
  /** Delay per generated token in ms, on top of `latencyMs`. @defaultValue 0 */
  readonly tokenMs?: number;
  /** @defaultValue "openai" */
  readonly seed?: string;
}

function openaiError(
  status: number,
  message: string,
  options: { readonly param?: string | null; readonly code?: string | null } = {},
): AnswerError {
  const { param = null, code = null } = options;
  return new AnswerError(jsonAnswer({ error: { message, type: "invalid_request_error", param, code } }, { status }));
}

/**
 * OpenAI's chat API: no token ids anywhere, at most 20 `top_logprobs`, no /v1/completions, an API key always. Shapes after the types of the
 * npm package openai 6.49.
 */
export async function startFakeOpenaiChatServer(options: FakeOpenaiChatServerOptions): Promise<FakeServer> {
  const { source, vocabulary, apiKey = "sk-test", modelName = "gpt-toy", tokenMs = 0, seed = "openai" } = options;
  const completer = createTextCompleter({ source, vocabulary, tokenMs, seed, maxTokens: 64 });
  const created = Math.floor(Date.now() / 1000);
  let answers = 0;

  async function chat(request: RoutedRequest): Promise<ServerAnswer> {
    const body = parseJsonObject(request.text);
    if (body === undefined) throw openaiError(400, "We could not parse the JSON body of your request.");
    const prompt = promptOfMessages(body.messages);
    if (prompt === undefined)
      throw openaiError(400, "Missing required parameter: 'messages'.", {
        param: "messages",
        code: "missing_required_parameter",
      });
    if (body.model !== modelName)
      throw openaiError(404, `The model \`${String(body.model)}\` does not exist or you do not have access to it.`, {
        code: "model_not_found",
      });
    const top = typeof body.top_logprobs === "number" ? body.top_logprobs : 0;
    if (top > 0 && body.logprobs !== true)
      throw openaiError(400, "'top_logprobs' is only allowed when 'logprobs' is enabled.", { param: "top_logprobs" });
    if (top > 20)
      throw openaiError(400, "Invalid value for 'top_logprobs': must be less than or equal to 20.", {
        param: "top_logprobs",
      });
    const id = `chatcmpl-${String(++answers).padStart(29, "A")}`;
    const parts = completer.complete(prompt, body, top, request.signal);
    if (body.stream === true) return eventStream(events(id, parts));
    const whole = await wholeCompletion(parts);
    return jsonAnswer({
      id,
      object: "chat.completion",
      created,
      model: modelName,
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: whole.text, refusal: null, annotations: [] },
          logprobs: body.logprobs === true ? { content: whole.positions, refusal: null } : null,
          finish_reason: whole.finishReason,
        },
      ],
      usage: usageOf(whole),
      service_tier: "default",
      system_fingerprint: null,
    });
  }

  async function* events(id: string, parts: ReturnType<typeof completer.complete>): AsyncGenerator<string> {
    const head = { id, object: "chat.completion.chunk", created, model: modelName };
    const event = (delta: object, reason: string | null): string =>
      `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] })}\n\n`;
    let sent = "";
    let reason = "stop";
    yield event({ role: "assistant", content: "" }, null);
    for await (const { text, finishReason } of parts) {
      yield event({ content: text.slice(sent.length) }, null);
      [sent, reason] = [text, finishReason];
    }
    yield event({}, reason);
    yield "data: [DONE]\n\n";
  }

  return startFakeServer((request: RoutedRequest) => {
    const { method, path, headers } = request;
    if (headers.authorization !== `Bearer ${apiKey}`)
      throw openaiError(401, "Incorrect API key provided.", { code: "invalid_api_key" });
    if (method === "GET" && path === "/v1/models")
      return jsonAnswer({ object: "list", data: [{ id: modelName, object: "model", created, owned_by: "system" }] });
    if (method === "POST" && path === "/v1/chat/completions") return chat(request);
    throw openaiError(404, `Invalid URL (${method} ${path})`);
  }, options);
}
