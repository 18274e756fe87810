import { isJsonObject } from "./json-value.ts";
import type { LlamaPiece, LlamaResult } from "./llama-generation.ts";
import type { LlamaSettings } from "./llama-settings.ts";
import { type ServerVocabulary, textOfBytes } from "./server-vocabulary.ts";

/** What an answer says of its server. */
export interface LlamaIdentity {
  readonly modelName: string;
  readonly vocabulary: ServerVocabulary;
  /** Seconds since 1970, in OpenAI-shaped answers. */
  readonly created: number;
  readonly buildInfo: string;
}

/** Milliseconds and rates of one task; ms with three decimals, as recorded. */
export function llamaTimings(result: LlamaResult): object {
  const promptN = result.prompt.length - result.cacheN;
  const predictedN = result.tokens.length;
  const ms = (value: number): number => Math.max(0.001, Math.round(value * 1000) / 1000);
  const [promptMs, predictedMs] = [ms(result.promptMs), ms(result.predictedMs)];
  return {
    cache_n: result.cacheN,
    prompt_n: promptN,
    prompt_ms: promptMs,
    prompt_per_token_ms: promptMs / promptN,
    prompt_per_second: (1000 / promptMs) * promptN,
    predicted_n: predictedN,
    predicted_ms: predictedMs,
    predicted_per_token_ms: predictedMs / predictedN,
    predicted_per_second: (1000 / predictedMs) * predictedN,
  };
}

/**
 * The body of /completion as JSON text, for one task. With `response_fields` only these, in their order; a field with slashes keeps
 * the whole path as its flat name, and what does not exist is left out.
 */
export function llamaCompletionBody(
  identity: LlamaIdentity,
  settings: LlamaSettings,
  result: LlamaResult,
  index: number,
): string {
  const { stream } = settings;
  const fields: Record<string, () => string> = {
    index: () => String(index),
    // In a stream the text and the tokens have gone out before.
    content: () => JSON.stringify(stream ? "" : textOfBytes(result.bytes)),
    tokens: () => `[${stream || !settings.returnTokens ? "" : result.tokens.join(",")}]`,
    id_slot: () => String(result.slot),
    stop: () => "true",
    model: () => JSON.stringify(identity.modelName),
    tokens_predicted: () => String(result.tokens.length),
    tokens_evaluated: () => String(result.prompt.length),
    generation_settings: () => JSON.stringify(settings.report),
    prompt: () => JSON.stringify(identity.vocabulary.decode(result.prompt, { special: true })),
    has_new_line: () => String(result.hasNewLine),
    truncated: () => String(result.truncated),
    stop_type: () => JSON.stringify(result.stopType),
    stopping_word: () => JSON.stringify(result.stoppingWord),
    // The last token was drawn but never evaluated.
    tokens_cached: () => String(result.prompt.length + result.tokens.length - 1),
    timings: () => JSON.stringify(llamaTimings(result)),
  };
  if (!stream && result.entries.length > 0) fields.completion_probabilities = () => `[${result.entries.join(",")}]`;
  const members: string[] = [];
  const wanted = settings.responseFields.length > 0 ? settings.responseFields : Object.keys(fields);
  for (const path of wanted) {
    const value = memberAt(fields, path);
    if (value !== undefined) members.push(`${JSON.stringify(path)}:${value}`);
  }
  return `{${members.join(",")}}`;
}

function memberAt(fields: Readonly<Record<string, () => string>>, path: string): string | undefined {
  const [first, ...rest] = path.split("/");
  const text = Object.hasOwn(fields, first!) ? fields[first!]!() : undefined;
  if (text === undefined || rest.length === 0) return text;
  let value: unknown = JSON.parse(text);
  for (const key of rest) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return JSON.stringify(value);
}

/** One event of a /completion stream. */
export function llamaCompletionChunk(piece: LlamaPiece, promptTokens: number, index: number): string {
  const probabilities = piece.entry === "" ? "" : `,"completion_probabilities":[${piece.entry}]`;
  return (
    `{"index":${index},"content":${JSON.stringify(textOfBytes(piece.bytes))},"tokens":[${piece.token}],"stop":false,"id_slot":-1,` +
    `"tokens_predicted":${piece.tokensPredicted},"tokens_evaluated":${promptTokens}${probabilities}}`
  );
}

const finishReason = (result: LlamaResult): string => (result.stopType === "limit" ? "length" : "stop");

function usage(results: readonly LlamaResult[]): object {
  const [first] = results;
  const completion = results.reduce((sum, result) => sum + result.tokens.length, 0);
  return {
    completion_tokens: completion,
    prompt_tokens: first!.prompt.length,
    total_tokens: completion + first!.prompt.length,
    prompt_tokens_details: { cached_tokens: first!.cacheN },
  };
}

/** Which OpenAI route an answer belongs to. */
export type OpenaiRoute = "completion" | "chat";

/** The body of /v1/completions or /v1/chat/completions; both carry the chat's shape of log-probabilities, ids and bytes included. */
export function llamaOpenaiBody(
  identity: LlamaIdentity,
  route: OpenaiRoute,
  id: string,
  results: readonly LlamaResult[],
): string {
  const choices = results.map((result, index) => {
    const logprobs = result.entries.length > 0 ? `{"content":[${result.entries.join(",")}]}` : null;
    const text = JSON.stringify(textOfBytes(result.bytes));
    const reason = JSON.stringify(finishReason(result));
    return route === "completion"
      ? `{"text":${text},"index":${index},"logprobs":${logprobs},"finish_reason":${reason}}`
      : `{"finish_reason":${reason},"index":${index},"message":{"role":"assistant","content":${text}}${logprobs === null ? "" : `,"logprobs":${logprobs}`}}`;
  });
  const tail = JSON.stringify({
    created: identity.created,
    model: identity.modelName,
    system_fingerprint: identity.buildInfo,
    object: route === "completion" ? "text_completion" : "chat.completion",
    usage: usage(results),
    id,
    timings: llamaTimings(results[0]!),
  });
  return `{"choices":[${choices.join(",")}],${tail.slice(1)}`;
}

/** Events of an OpenAI-shaped stream. */
export interface OpenaiChunks {
  /** Sent with the first token; "" on the completions route. */
  readonly opening: string;
  piece(piece: LlamaPiece): string;
  /** The closing events: the finish reason with the timings, then usage if it was asked for. */
  closing(result: LlamaResult, includeUsage: boolean): string[];
}

/** Makes the events of one stream. */
export function openaiChunks(identity: LlamaIdentity, route: OpenaiRoute, id: string): OpenaiChunks {
  const object = route === "chat" ? "chat.completion.chunk" : "text_completion";
  const tail = JSON.stringify({
    created: identity.created,
    id,
    model: identity.modelName,
    system_fingerprint: identity.buildInfo,
    object,
  }).slice(1);
  const chunk = (choice: string, more = ""): string => `{"choices":[${choice}],${tail.slice(0, -1)}${more}}`;
  return {
    opening:
      route === "chat" ? chunk('{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}') : "",
    piece({ bytes, entry }: LlamaPiece): string {
      const text = JSON.stringify(textOfBytes(bytes));
      const logprobs = entry === "" ? null : `{"content":[${entry}]}`;
      return route === "completion"
        ? chunk(`{"text":${text},"index":0,"logprobs":${logprobs},"finish_reason":null}`)
        : chunk(
            `{"finish_reason":null,"index":0,"delta":{"content":${text}}${logprobs === null ? "" : `,"logprobs":${logprobs}`}}`,
          );
    },
    closing(result: LlamaResult, includeUsage: boolean): string[] {
      const reason = JSON.stringify(finishReason(result));
      const timings = `,"timings":${JSON.stringify(llamaTimings(result))}`;
      const used = `,"usage":${JSON.stringify(usage([result]))}`;
      if (route === "completion")
        return [chunk(`{"text":"","index":0,"logprobs":null,"finish_reason":${reason}}`, used + timings)];
      const end = `{"finish_reason":${reason},"index":0,"delta":{}}`;
      return includeUsage ? [chunk(end), chunk("", used + timings)] : [chunk(end, timings)];
    },
  };
}
