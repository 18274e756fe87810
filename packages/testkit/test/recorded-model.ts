import type { LogitSource, TokenId } from "@tokenmark/core";
import { createServerVocabulary, readVectors, type ServerVocabulary } from "@tokenmark/testkit";

/** One recorded exchange; the vectors' README.md says where they come from. */
export interface Recording {
  readonly name: string;
  readonly request: { readonly method?: string; readonly path: string; readonly body?: Record<string, unknown> };
  readonly response: { readonly status: number; readonly contentType: string; readonly body: unknown };
}

interface Entry {
  readonly id: TokenId;
  readonly bytes: readonly number[];
  readonly logprob?: number;
  readonly top_logprobs?: readonly Entry[];
}

const names = [
  "apply-template",
  "completion-batch-prompts",
  "completion-eos",
  "completion-forced-token-raw-logprobs",
  "completion-greedy-run-4",
  "completion-last-byte-of-emoji",
  "completion-nprobs",
  "completion-partial-utf8",
  "completion-post-sampling-probs",
  "completion-stopword",
  "completion-stream",
  "detokenize",
  "error-auth",
  "error-bad-token",
  "error-context",
  "error-no-prompt",
  "get-health",
  "get-metrics",
  "get-props",
  "get-slots",
  "get-v1-models",
  "tokenize-with-pieces",
  "v1-chat-logprobs",
  "v1-chat-logprobs-stream",
  "v1-completions-logprobs",
  "v1-completions-token-prompt",
];

const read = <T>(name: string): T => readVectors<T>(import.meta.url, `vectors/llama-server/llamacpp-${name}.json`);
const steps = read<{ steps: Omit<Recording, "name">[] }>("client-sampling-6-steps").steps;

/** All 27 files; the six steps of the client's loop each count as a recording of their own. */
export const recordings: readonly Recording[] = [
  ...names.map((name) => ({ ...read<Recording>(name), name })),
  ...steps.map((step, at) => ({ ...step, name: `client-sampling-6-steps/${at + 1}` })),
];

/** Every JSON object in an answer; of a stream, in its events. */
export function eventsOf(body: unknown): unknown[] {
  if (typeof body !== "string") return [body];
  return Array.from(body.matchAll(/^data: (\{.*)$/gm), ([, event]) => JSON.parse(event!) as unknown);
}

function entriesIn(value: unknown): Entry[] {
  if (Array.isArray(value)) return value.flatMap(entriesIn);
  if (typeof value !== "object" || value === null) return [];
  const own = "id" in value && "bytes" in value ? [value as Entry] : [];
  return [...own, ...Object.values(value).flatMap(entriesIn)];
}

/** Llama's vocabulary as far as the recordings show it; the other ids spell `~id~`. */
export function recordedVocabulary(): ServerVocabulary {
  const encoder = new TextEncoder();
  const bytes: Uint8Array[] = Array.from({ length: 32_000 }, (_, id) => encoder.encode(`~${id}~`));
  bytes[0] = bytes[1] = bytes[2] = new Uint8Array(0);
  const fallback = new Set<TokenId>();
  for (let byte = 0; byte < 256; byte++) {
    bytes[3 + byte] = Uint8Array.of(byte);
    fallback.add(3 + byte);
  }
  for (const { id, bytes: spelled } of recordings.flatMap((recording) =>
    eventsOf(recording.response.body).flatMap(entriesIn),
  ))
    if (id > 258) bytes[id] = Uint8Array.from(spelled);
  const words = { 263: " a", 15043: " Hello", 29892: ",", 281: " w", 1340: "ör", 430: "ld", 29871: " " };
  const prompt = { 450: " The", 4996: " quick", 17354: " brown", 1701: " fo", 29916: "x" };
  for (const [id, word] of Object.entries({ ...words, ...prompt })) bytes[Number(id)] = encoder.encode(word);
  const special = new Map([
    [0, "<unk>"],
    [1, "<s>"],
    [2, "</s>"],
  ]);
  return createServerVocabulary({ bytes, special, bos: 1, endTokens: [2], fallback, spacePrefix: true });
}

/**
 * A source that has a recording's scores after the recording's tokens. With `certain` the recorded token is certain instead, so that
 * a server that draws with other random numbers draws the same tokens.
 */
export function recordedSource(recording: Recording, vocabulary: ServerVocabulary, certain: boolean): LogitSource {
  const rows = new Map<string, Float32Array>();
  const { body: request = {} } = recording.request;
  const prompts =
    Array.isArray(request.prompt) && typeof request.prompt[0] === "string" ? request.prompt : [request.prompt];
  const answers = eventsOf(recording.response.body);
  prompts.forEach((prompt: unknown, at) => {
    let context =
      typeof prompt === "string" ? vocabulary.encode(prompt, { addSpecial: true }) : ((prompt ?? []) as TokenId[]);
    if (request.messages !== undefined) context = ["chat" as unknown as TokenId];
    const answer =
      typeof recording.response.body === "string" ? answers : (([answers[0]].flat() as unknown[])[at] ?? {});
    const chosen = entriesIn(answer).filter((entry) => "top_logprobs" in entry || "top_probs" in entry);
    const tokens = (answer as { tokens?: TokenId[] }).tokens ?? chosen.map((entry) => entry.id);
    tokens.forEach((token, i) => {
      const row = certain || chosen[i] === undefined ? certainRow(token) : scoredRow(chosen[i]);
      rows.set([...context, ...tokens.slice(0, i)].join(), row);
    });
  });
  return {
    name: `recorded/${recording.name}`,
    async next(tokens) {
      // The chat prompt's ids are not recorded: whatever they are, the answer starts there.
      const chat = [...rows.keys()].filter((key) => key.startsWith("chat"));
      const key =
        chat.length === 0
          ? tokens.join()
          : chat.find((one) => `${tokens.join()}`.endsWith(one.slice(4)) && one !== "chat");
      return { logits: (rows.get(key ?? "chat") ?? new Float32Array(vocabulary.size)).slice() };
    },
  };
}

function certainRow(token: TokenId): Float32Array {
  // Special and byte tokens last, as with a model: they would show up among the best of equals.
  const row = new Float32Array(32_000).fill(-40).fill(-50, 0, 259);
  row[token] = 0;
  return row;
}

function scoredRow(chosen: Entry): Float32Array {
  const known = new Map([...(chosen.top_logprobs ?? []), chosen].map((entry) => [entry.id, entry.logprob!]));
  const mass = [...known.values()].reduce((sum, logprob) => sum + Math.exp(logprob), 0);
  const row = new Float32Array(32_000).fill(Math.log((1 - mass) / (32_000 - known.size)));
  for (const [token, logprob] of known) row[token] = logprob;
  return row;
}
