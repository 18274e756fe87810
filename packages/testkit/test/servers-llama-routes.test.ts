import {
  createToySource,
  createToyVocabulary,
  type FakeLlamaServerOptions,
  type FakeServer,
  startFakeLlamaServer,
} from "@tokenmark/testkit";
import { afterEach, expect, test } from "vitest";

// Facts: measured on llama-server 0.5.0-dev (commit de3ff81), see test/vectors/llama-server, and llama.cpp's tools/server sources.
const vocabulary = createToyVocabulary();
const source = createToySource({ seed: "servers" });
let server: FakeServer;
afterEach(() => server.close());

async function start(options: Partial<FakeLlamaServerOptions> = {}): Promise<void> {
  server = await startFakeLlamaServer({ source, vocabulary, jitter: 0, ...options });
}
const send = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url + path, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });
const post = async <T = Record<string, unknown>>(path: string, body: unknown): Promise<T> =>
  (await (await send(path, body)).json()) as T;
const events = async (path: string, body: unknown): Promise<Record<string, unknown>[]> =>
  Array.from((await (await send(path, body)).text()).matchAll(/^data: (\{.*)$/gm), ([, event]) => JSON.parse(event!));

test("a prompt is a text, ids, both mixed, or a batch of these; BOS goes before text only", async () => {
  await start();
  const evaluated = async (prompt: unknown) => {
    const answer = await post<{ tokens_evaluated: number; index: number }>("/completion", { prompt, n_predict: 1 });
    return Array.isArray(answer) ? answer.map((one) => [one.index, one.tokens_evaluated]) : answer.tokens_evaluated;
  };
  expect(await evaluated("ka")).toBe(2);
  expect(await evaluated([5, 6, 7])).toBe(3);
  expect(await evaluated(["ka", 5, 6])).toBe(4);
  expect(await evaluated(["ka", "ka ka"])).toEqual([
    [0, 2],
    [1, 3],
  ]);
  expect(await evaluated([[5, 6], [7]])).toEqual([
    [0, 2],
    [1, 1],
  ]);
});

test("errors keep the recorded envelopes: no prompt, a wrong prompt, an unknown id, a wrong type, an unknown route", async () => {
  await start();
  const error = async (path: string, body: unknown) => {
    const response = await send(path, body);
    const { error } = (await response.json()) as { error: { code: number; message: string; type: string } };
    expect(error.code).toBe(response.status);
    return [response.status, error.type, error.message] as const;
  };
  const invalid = "invalid_request_error";
  expect(await error("/completion", { n_predict: 1 })).toEqual([400, invalid, expect.stringContaining("'prompt'")]);
  expect(await error("/completion", { prompt: 7 })).toEqual([
    400,
    invalid,
    expect.stringContaining("must be a string"),
  ]);
  expect(await error("/completion", { prompt: [] })).toEqual([400, invalid, expect.stringContaining("empty")]);
  expect(await error("/completion", { prompt: [1024] })).toEqual([400, invalid, "Prompt contains invalid tokens"]);
  expect((await error("/completion", { prompt: [1], top_k: "9" }))[2]).toContain("must be number, but is string");
  expect((await error("/completion", { prompt: [1], n: 3 }))[2]).toContain("but got 3");
  expect(await error("/nothing", {})).toEqual([404, "not_found_error", "File Not Found"]);
  expect((await error("/completion", "{"))[0]).toBe(500);
  expect((await error("/completion", "{"))[2]).toContain("parse_error.101");
  expect((await fetch(`${server.url}/completion`)).status).toBe(404);
});

test("a prompt that fills the context is a 400 with n_prompt_tokens and n_ctx; generation that fills it is truncated", async () => {
  await start({ contextLength: 16 });
  const response = await send("/completion", { prompt: Array(16).fill(5) });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { type: "exceed_context_size_error", n_prompt_tokens: 16, n_ctx: 16 },
  });
  const long = await post("/completion", { prompt: [5, 6], temperature: 0, return_tokens: true, ignore_eos: true });
  expect(long).toMatchObject({ truncated: true, stop_type: "limit", tokens_predicted: 14 });
});

test("with an API key all but the public routes ask for it", async () => {
  await start({ apiKey: "secret" });
  const status = async (path: string, headers = {}) => (await fetch(server.url + path, { headers })).status;
  expect(await status("/health")).toBe(200);
  expect(await status("/v1/models")).toBe(200);
  expect(await status("/props")).toBe(401);
  expect(await status("/props", { authorization: "Bearer secret" })).toBe(200);
  expect(await status("/props", { authorization: "Bearer wrong" })).toBe(401);
});

test("/v1/models and /props tell the vocabulary's size, the context, the slots and the special tokens", async () => {
  await start({ slots: 3, contextLength: 64, modelName: "m.gguf" });
  const get = async (path: string) => (await (await fetch(server.url + path)).json()) as Record<string, unknown>;
  expect(await get("/v1/models")).toMatchObject({
    data: [{ id: "m.gguf", owned_by: "llamacpp", meta: { n_vocab: 1024, n_ctx: 64 } }],
  });
  expect(await get("/props")).toMatchObject({ total_slots: 3, bos_token: "<s>", eos_token: "</s>" });
  expect((await get("/slots")).length).toBe(3);
});

test("tokenize and detokenize are inverse but for SentencePiece's space; pieces that are no text come as bytes", async () => {
  await start();
  const { tokens } = await post<{ tokens: number[] }>("/tokenize", { content: "ka é 👋" });
  expect(await post("/detokenize", { tokens })).toEqual({ content: " ka é 👋" });
  const special = await post<{ tokens: { id: number; piece: string | number[] }[] }>("/tokenize", {
    content: "\u00ff",
    with_pieces: true,
    add_special: true,
  });
  expect(special.tokens.map(({ piece }) => piece)).toEqual(["<s>", " ", [0xc3], [0xbf]]);
  expect(await post("/tokenize", { content: "</s>" })).toEqual({ tokens: [1023] });
});

test("a stream has a chunk a token, none for an unfinished character, and a last one without text; no [DONE] on /completion", async () => {
  await start();
  const body = { prompt: [5, 6], n_predict: 4, n_probs: 2, temperature: 0, return_tokens: true };
  const whole = await post<{ content: string; tokens: number[] }>("/completion", body);
  const text = await (await send("/completion", { ...body, stream: true })).text();
  expect(text).not.toContain("[DONE]");
  const chunks = await events("/completion", { ...body, stream: true });
  expect(chunks.map((chunk) => chunk.content).join("")).toBe(whole.content);
  expect(chunks.flatMap((chunk) => chunk.tokens)).toEqual(whole.tokens);
  expect(chunks.at(-1)).toMatchObject({ stop: true, content: "", tokens: [] });
  expect(chunks.at(-1)).not.toHaveProperty("completion_probabilities");
  const emoji = Array.from(new TextEncoder().encode("👋"), (byte) => 1024 - 258 + byte);
  const half = await events("/completion", { ...body, n_predict: 1, logit_bias: [[emoji[0], 1e6]], stream: true });
  expect(half.length).toBe(1);
});

test("an error before the first token of a stream is an error answer, not an event", async () => {
  await start({ contextLength: 8 });
  const response = await send("/completion", { prompt: Array(9).fill(5), stream: true });
  expect(response.status).toBe(400);
  expect(response.headers.get("content-type")).toContain("application/json");
});

test("the OpenAI routes answer in the chat's shape with ids, ids starting chatcmpl-; streams end with [DONE], usage on demand", async () => {
  await start();
  const request = { prompt: [5, 6], max_tokens: 2, logprobs: 3, temperature: 0 };
  const answer = await post("/v1/completions", request);
  expect(answer).toMatchObject({
    object: "text_completion",
    id: expect.stringMatching(/^chatcmpl-.{32}$/),
    usage: { prompt_tokens: 2, completion_tokens: 2 },
    choices: [{ finish_reason: "length", logprobs: { content: [{ id: expect.any(Number) }, {}] } }],
  });
  const chat = { messages: [{ role: "user", content: "ka" }], max_tokens: 2, temperature: 0, stream: true };
  const text = await (await send("/v1/chat/completions", chat)).text();
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  const chunks = await events("/v1/chat/completions", { ...chat, stream_options: { include_usage: true } });
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 2 } });
  expect(await post("/v1/completions", { ...request, logprobs: undefined })).toMatchObject({
    choices: [{ logprobs: null }],
  });
});

test("n: 2 with one seed gives two equal choices; chat wants logprobs for top_logprobs", async () => {
  await start();
  const answer = await post<{ choices: { index: number; text: string }[] }>("/v1/completions", {
    prompt: [5, 6],
    max_tokens: 5,
    n: 2,
    seed: 4,
    temperature: 1,
  });
  expect(answer.choices.map(({ index }) => index)).toEqual([0, 1]);
  expect(answer.choices[0]!.text).toBe(answer.choices[1]!.text);
  const messages = [{ role: "user", content: "ka" }];
  expect((await send("/v1/chat/completions", { messages, top_logprobs: 2 })).status).toBe(400);
  expect((await send("/v1/chat/completions", {})).status).toBe(400);
});

test("more requests than slots wait their turn and all are answered", async () => {
  await start({ slots: 1, tokenMs: 2 });
  const answers = await Promise.all(
    Array.from({ length: 5 }, (_, i) => post("/completion", { prompt: [i], n_predict: 2, temperature: 0 })),
  );
  expect(answers.every((answer) => answer.tokens_predicted === 2)).toBe(true);
});

test("a top-100 answer over 1,024 tokens costs the server well under 1 ms of CPU", async () => {
  await start({ slots: 50 });
  const body = {
    prompt: [5, 6],
    n_predict: 1,
    n_probs: 100,
    logit_bias: [[1, 1e6]],
    return_tokens: true,
    samplers: ["temperature"],
    temperature: 1,
    response_fields: ["tokens", "completion_probabilities"],
  };
  // Warm-up, then batches of 50 prompts in one request: HTTP and the client cost next to nothing of that.
  const batch = { ...body, prompt: Array.from({ length: 50 }, (_, i) => [i, i + 1]) };
  for (let i = 0; i < 4; i++) await post("/completion", batch);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 6; i++) {
    const before = process.cpuUsage();
    await (await send("/completion", batch)).text();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 50);
  }
  expect(least).toBeLessThan(1000);
});
