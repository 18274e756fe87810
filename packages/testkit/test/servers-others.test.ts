import {
  createToySource,
  createToyVocabulary,
  type FakeServer,
  type FakeSglangServerOptions,
  faultsAt,
  startFakeOllamaServer,
  startFakeOpenaiChatServer,
  startFakeSglangServer,
  wrongScores,
} from "@tokenmark/testkit";
import { afterEach, expect, test } from "vitest";

// Facts: SGLang's sources (managers/{io_struct,tokenizer_manager}.py, layers/sampler.py), Ollama's openai/openai.go, the types of openai 6.49.
const vocabulary = createToyVocabulary();
const source = createToySource({ seed: "servers" });
let server: FakeServer;
afterEach(() => server.close());

const send = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
const get = (path: string): Promise<Response> => fetch(server.url + path);

type Triple = [number, number, string | null];
interface Generated {
  text: string;
  output_ids: number[];
  meta_info: {
    finish_reason: Record<string, unknown> | null;
    prompt_tokens: number;
    completion_tokens: number;
    output_token_logprobs: Triple[];
    output_top_logprobs: Triple[][];
    output_token_ids_logprobs: Triple[][];
  };
}
async function startSglang(options: Partial<FakeSglangServerOptions> = {}): Promise<void> {
  server = await startFakeSglangServer({ source, vocabulary, jitter: 0, ...options });
}
async function generate(sampling_params: object, more: object = {}): Promise<Generated> {
  const body = { input_ids: [5, 6], sampling_params, return_logprob: true, ...more };
  return (await (await send("/generate", body)).json()) as Generated;
}
function logSoftmax(logits: Float32Array): Float64Array {
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return Float64Array.from(logits, (logit) => logit - total);
}

test("SGLang: triples of score, id and text or null; ids out; a reason that says what ended it", async () => {
  await startSglang();
  const answer = await generate({ temperature: 0, max_new_tokens: 3 }, { top_logprobs_num: 4 });
  const { meta_info } = answer;
  expect(answer.output_ids).toEqual(meta_info.output_token_logprobs.map(([, id]) => id));
  expect(vocabulary.decode(answer.output_ids)).toBe(answer.text);
  expect(meta_info.finish_reason).toEqual({ type: "length", length: 3 });
  expect(meta_info.output_top_logprobs.map((row) => row.length)).toEqual([4, 4, 4]);
  expect(meta_info.output_top_logprobs[0]![0]).toEqual(meta_info.output_token_logprobs[0]);
  expect(meta_info.output_token_logprobs[0]![2]).toBeNull();
  const text = await generate({ temperature: 0, max_new_tokens: 1 }, { return_text_in_logprobs: true });
  expect(text.meta_info.output_token_logprobs[0]![2]).toBe(text.text);
  const end = await generate({ temperature: 0, logit_bias: { "1023": 100 } });
  expect([end.output_ids, end.text, end.meta_info.finish_reason]).toEqual([
    [1023],
    "",
    { type: "stop", matched: 1023 },
  ]);
});

test("SGLang: scores are of the logits after bias and temperature and before truncation; greedy ones are the model's own", async () => {
  await startSglang();
  const top = { top_logprobs_num: 1024 };
  const own = logSoftmax(source.logitsAfter([6]));
  for (const [logprob, id] of (await generate({ temperature: 0, max_new_tokens: 1 }, top)).meta_info
    .output_top_logprobs[0]!)
    expect(logprob).toBeCloseTo(own[id]!, 4);
  const halved = logSoftmax(source.logitsAfter([6]).map((logit) => logit / 0.5));
  const warm = await generate({ temperature: 0.5, top_k: 3, max_new_tokens: 1 }, top);
  expect(warm.meta_info.output_top_logprobs[0]!.length).toBe(1024);
  for (const [logprob, id] of warm.meta_info.output_top_logprobs[0]!) expect(logprob).toBeCloseTo(halved[id]!, 4);
  const biased = await generate({ temperature: 1, max_new_tokens: 1, logit_bias: { "700": 40 } }, top);
  expect(biased.meta_info.output_top_logprobs[0]![0]![1]).toBe(700);
});

test("SGLang: token_ids_logprob gives the scores of chosen ids at every position", async () => {
  await startSglang();
  const { meta_info } = await generate({ temperature: 0, max_new_tokens: 2 }, { token_ids_logprob: [900, 3] });
  expect(meta_info.output_token_ids_logprobs.map((row) => row.map(([, id]) => id))).toEqual([
    [900, 3],
    [900, 3],
  ]);
  expect(meta_info.output_token_ids_logprobs[0]![0]![0]).toBeCloseTo(logSoftmax(source.logitsAfter([6]))[900]!, 5);
});

test("SGLang: errors are a message alone; batches are lists; streams repeat the answer so far", async () => {
  await startSglang({ contextLength: 32 });
  const error = async (body: object) => {
    const response = await send("/generate", body);
    expect(response.status).toBe(400);
    return ((await response.json()) as { error: { message: string } }).error.message;
  };
  expect(await error({})).toBe("Either text, input_ids or input_embeds should be provided.");
  expect(await error({ input_ids: [1024] })).toContain("greater than the vocab size (1024)");
  expect(await error({ input_ids: Array(32).fill(5) })).toContain("longer than the model's context length (32 tokens)");
  expect(await error({ input_ids: [5], sampling_params: { nonsense: 1 } })).toContain("unexpected keyword argument");
  const params = { temperature: 0, max_new_tokens: 3 };
  const batch = await (await send("/generate", { input_ids: [[5, 6], [7]], sampling_params: params })).json();
  expect(batch).toMatchObject([{ output_ids: [{}, {}, {}] }, {}].map(() => ({ output_ids: expect.any(Array) })));
  const whole = await generate(params);
  const text = await (await send("/generate", { input_ids: [5, 6], sampling_params: params, stream: true })).text();
  const parts = Array.from(text.matchAll(/^data: (\{.*)$/gm), ([, event]) => JSON.parse(event!) as Generated);
  expect(parts.map((part) => part.output_ids)).toEqual([1, 2, 3].map((n) => whole.output_ids.slice(0, n)));
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
});

test("SGLang: model info, models, health, tokenizer routes, keys; wrong score types reach the triples", async () => {
  await startSglang({ apiKey: "k", faults: faultsAt({ 5: wrongScores("null") }) });
  const authorization = "Bearer k";
  expect((await get("/health")).status).toBe(200);
  expect((await get("/get_model_info")).status).toBe(401);
  const info = await fetch(`${server.url}/get_model_info`, { headers: { authorization } });
  expect(await info.json()).toMatchObject({ model_path: "toy", is_generation: true });
  const models = await fetch(`${server.url}/v1/models`, { headers: { authorization } });
  expect(await models.json()).toMatchObject({ data: [{ owned_by: "sglang", max_model_len: 1024 }] });
  expect(await (await send("/tokenize", { prompt: "ka" }, { authorization })).json()).toMatchObject({ count: 2 });
  const body = { input_ids: [5], return_logprob: true, sampling_params: { max_new_tokens: 1, temperature: 0 } };
  const spoiled = (await (await send("/generate", body, { authorization })).json()) as Generated;
  expect(spoiled.meta_info.output_token_logprobs).toEqual([[null, spoiled.output_ids[0], null]]);
});

test("Ollama: tells itself apart, takes text and refuses ids, and answers without ids", async () => {
  server = await startFakeOllamaServer({ source, vocabulary });
  expect(await (await get("/")).text()).toBe("Ollama is running");
  expect(await (await get("/api/version")).json()).toEqual({ version: expect.any(String) });
  expect(await (await get("/api/tags")).json()).toMatchObject({ models: [{ name: "toy:latest" }] });
  const ids = await send("/v1/completions", { model: "toy", prompt: [5, 6] });
  expect([ids.status, await ids.json()]).toMatchObject([
    400,
    { error: { message: expect.stringContaining("cannot unmarshal array"), type: "invalid_request_error" } },
  ]);
  const text = await send("/v1/completions", {
    model: "toy",
    prompt: "ka",
    max_tokens: 3,
    logprobs: 5,
    temperature: 0,
  });
  const { choices } = (await text.json()) as { choices: object[] };
  expect(Object.keys(choices[0]!).sort()).toEqual(["finish_reason", "index", "text"]);
  const messages = [{ role: "user", content: "ka" }];
  const chat = await send("/v1/chat/completions", {
    model: "toy",
    messages,
    max_tokens: 2,
    logprobs: true,
    top_logprobs: 3,
  });
  const { choices: said } = (await chat.json()) as {
    choices: { logprobs: { content: { top_logprobs: object[] }[] } }[];
  };
  expect(said[0]!.logprobs.content[0]!.top_logprobs.length).toBe(3);
  expect(JSON.stringify(said)).not.toContain('"id"');
  expect((await send("/v1/completions", { model: "other", prompt: "ka" })).status).toBe(404);
  expect((await send("/completion", {})).status).toBe(404);
  expect(
    (await send("/v1/chat/completions", { model: "toy", messages, logprobs: true, top_logprobs: 21 })).status,
  ).toBe(400);
});

test("OpenAI chat: a key always, no completions route, no ids, at most 20 top_logprobs, streams end with [DONE]", async () => {
  server = await startFakeOpenaiChatServer({ source, vocabulary });
  const headers = { authorization: "Bearer sk-test" };
  const messages = [{ role: "user", content: "ka" }];
  const body = { model: "gpt-toy", messages, max_tokens: 2, temperature: 0, logprobs: true, top_logprobs: 20 };
  const denied = await send("/v1/chat/completions", body);
  expect([denied.status, await denied.json()]).toMatchObject([401, { error: { code: "invalid_api_key" } }]);
  expect((await send("/v1/completions", { prompt: [5] }, headers)).status).toBe(404);
  const answer = (await (await send("/v1/chat/completions", body, headers)).json()) as {
    choices: { message: { content: string }; logprobs: { content: { token: string; top_logprobs: object[] }[] } }[];
  };
  const { message, logprobs } = answer.choices[0]!;
  expect(logprobs.content.map(({ token }) => token).join("")).toBe(message.content);
  expect(logprobs.content[0]!.top_logprobs.length).toBe(20);
  expect(Object.keys(logprobs.content[0]!.top_logprobs[0]!)).toEqual(["token", "logprob", "bytes"]);
  const refused = await send("/v1/chat/completions", { ...body, top_logprobs: 21 }, headers);
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: { param: "top_logprobs" } }]);
  const stream = await (await send("/v1/chat/completions", { ...body, stream: true }, headers)).text();
  const said = Array.from(
    stream.matchAll(/^data: (\{.*)$/gm),
    ([, event]) => JSON.parse(event!).choices[0].delta.content ?? "",
  );
  expect(said.join("")).toBe(message.content);
  expect(stream.endsWith("data: [DONE]\n\n")).toBe(true);
  expect((await send("/v1/chat/completions", { ...body, model: "other" }, headers)).status).toBe(404);
});
