import {
  createToySource,
  createToyVocabulary,
  type FakeServer,
  type FakeVllmServerOptions,
  faultsAt,
  startFakeVllmServer,
  wrongScores,
} from "@tokenmark/testkit";
import { afterEach, expect, test } from "vitest";

// Facts: vLLM's sources (entrypoints/openai/completion/{protocol,serving}.py, sampling_params.py, v1/sample/sampler.py).
const vocabulary = createToyVocabulary();
const source = createToySource({ seed: "servers" });
let server: FakeServer;
afterEach(() => server.close());

interface Choice {
  index: number;
  text: string;
  finish_reason: string | null;
  stop_reason: string | number | null;
  token_ids: number[] | null;
  prompt_token_ids: number[] | null;
  logprobs: {
    tokens: string[];
    token_logprobs: number[];
    top_logprobs: Record<string, number>[];
    text_offset: number[];
  } | null;
}

async function start(options: Partial<FakeVllmServerOptions> = {}): Promise<void> {
  server = await startFakeVllmServer({ source, vocabulary, jitter: 0, ...options });
}
const send = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url + path, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });
async function choices(body: object): Promise<Choice[]> {
  const answer = (await (await send("/v1/completions", { prompt: [5, 6], ...body })).json()) as { choices: Choice[] };
  return answer.choices;
}
const choice = async (body: object): Promise<Choice> => (await choices(body))[0]!;
async function error(
  body: unknown,
  path = "/v1/completions",
): Promise<{ message: string; param: string; code: number }> {
  const response = await send(path, body);
  const { error } = (await response.json()) as {
    error: { message: string; type: string; param: string; code: number };
  };
  expect(error.code).toBe(response.status);
  expect(error.type).toBe(response.status === 404 ? "NotFoundError" : "BadRequestError");
  return error;
}
const byToken = ({ logprobs }: Choice, at = 0): Map<number, number> =>
  new Map(
    Object.entries(logprobs!.top_logprobs[at]!).map(([key, value]) => [Number(key.replace("token_id:", "")), value]),
  );

/** Log-probabilities of logits. */
function logSoftmax(logits: Float32Array): Float64Array {
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return Float64Array.from(logits, (logit) => logit - total);
}

test("legacy arrays: tokens as text with offsets, or as token_id:N; ids of prompt and answer on request", async () => {
  await start();
  const plain = await choice({ max_tokens: 3, logprobs: 2, temperature: 0 });
  expect(plain.logprobs!.tokens.join("")).toBe(plain.text);
  expect(plain.logprobs!.text_offset).toEqual([0, 1, 2].map((i) => plain.logprobs!.tokens.slice(0, i).join("").length));
  expect([plain.token_ids, plain.prompt_token_ids, plain.finish_reason]).toEqual([null, null, "length"]);
  const named = { logprobs: 2, return_token_ids: true, return_tokens_as_token_ids: true };
  const ids = await choice({ max_tokens: 3, temperature: 0, ...named });
  expect(ids.logprobs!.tokens).toEqual(ids.token_ids!.map((token) => `token_id:${token}`));
  expect(vocabulary.decode(ids.token_ids!)).toBe(plain.text);
  expect(ids.prompt_token_ids).toEqual([5, 6]);
  expect(ids.logprobs!.token_logprobs).toEqual(plain.logprobs!.token_logprobs);
  expect((await choice({})).logprobs).toBeNull();
});

test("top_logprobs holds k entries, or k + 1 with the sampled token first when it is outside the top k; 0 gives it alone", async () => {
  await start();
  const ids = { return_tokens_as_token_ids: true, return_token_ids: true, max_tokens: 1 };
  expect(byToken(await choice({ ...ids, logprobs: 3, temperature: 0 })).size).toBe(3);
  const order = Array.from(source.logitsAfter([6]).keys()).sort(
    (a, b) => source.logitsAfter([6])[b]! - source.logitsAfter([6])[a]!,
  );
  const outside = await choice({ ...ids, logprobs: 3, temperature: 0, allowed_token_ids: [order[500]] });
  expect([...byToken(outside).keys()]).toEqual([order[500], ...order.slice(0, 3)]);
  expect([...byToken(await choice({ ...ids, logprobs: 0, temperature: 0 })).keys()]).toEqual([order[0]]);
});

test("keyed by text, tokens that spell the same share one key", async () => {
  await start({ maxLogprobs: -1 });
  const all = await choice({ max_tokens: 1, logprobs: 1024, temperature: 0 });
  const keys = Object.keys(all.logprobs!.top_logprobs[0]!).length;
  expect(keys).toBe(new Set(Array.from({ length: 1024 }, (_, id) => vocabulary.decode([id], { special: true }))).size);
  expect(keys).toBeLessThan(1024);
  const ids = await choice({ max_tokens: 1, logprobs: 1024, temperature: 0, return_tokens_as_token_ids: true });
  expect(byToken(ids).size).toBe(1024);
});

test("raw mode reports the model's own scores; bias, temperature, penalties and truncation do not show", async () => {
  await start();
  const wanted = logSoftmax(source.logitsAfter([6]));
  const ids = { return_tokens_as_token_ids: true, max_tokens: 1, logprobs: 20 };
  for (const more of [{ temperature: 0.3 }, { logit_bias: { "9": 50 } }, { top_k: 2, repetition_penalty: 2 }])
    for (const [token, logprob] of byToken(await choice({ ...ids, ...more })))
      expect(logprob).toBeCloseTo(wanted[token]!, 5);
});

test("processed mode shows temperature, bias and truncation, masked tokens at -9999", async () => {
  await start({ logprobsMode: "processed_logprobs", maxLogprobs: -1, samplingDefaults: {} });
  const ids = { return_tokens_as_token_ids: true, max_tokens: 1, logprobs: 1024, seed: 1 };
  const halved = logSoftmax(source.logitsAfter([6]).map((logit) => logit / 0.5));
  for (const [token, logprob] of byToken(await choice({ ...ids, temperature: 0.5 })))
    expect(logprob).toBeCloseTo(halved[token]!, 4);
  const cut = [...byToken(await choice({ ...ids, top_k: 5 })).values()];
  expect(cut.filter((logprob) => logprob === -9999).length).toBe(1024 - 5);
  expect(cut.filter((logprob) => logprob > -9999).reduce((sum, logprob) => sum + Math.exp(logprob), 0)).toBeCloseTo(
    1,
    5,
  );
  const biased = byToken(await choice({ ...ids, temperature: 0, logit_bias: { "700": 40 } }));
  expect(biased.get(700)).toBeCloseTo(0, 4);
});

test("what a request leaves out comes from generation_config: top_k 20, top_p 0.8, repetition_penalty 1.05 by default", async () => {
  await start({ logprobsMode: "processed_logprobs", maxLogprobs: -1 });
  const ids = { return_tokens_as_token_ids: true, max_tokens: 1, logprobs: 1024, seed: 1 };
  const kept = (one: Choice) => [...byToken(one).values()].filter((logprob) => logprob > -9999).length;
  const left = kept(await choice(ids));
  expect(left).toBeGreaterThan(1);
  expect(left).toBeLessThanOrEqual(20);
  const open = { top_k: 0, top_p: 1 };
  const all = await choice({ ...ids, ...open, repetition_penalty: 1 });
  expect(kept(all)).toBe(1024);
  const penalised = byToken(await choice({ ...ids, ...open }));
  // Token 5 occurred and has a negative logit: multiplied by 1.05.
  const logits = source.logitsAfter([6]);
  const shift = Math.abs(logits[5]!) * 0.05;
  const before = byToken(all);
  expect(before.get(5)! - penalised.get(5)! - (before.get(100)! - penalised.get(100)!)).toBeCloseTo(shift, 4);
});

test("more logprobs than --max-logprobs are a 400 that names the cap; -1 lifts it", async () => {
  await start();
  expect(await error({ prompt: [5], logprobs: 21 })).toMatchObject({
    message: "Requested sample logprobs of 21, which is greater than max allowed: 20 (parameter=logprobs, value=21)",
    param: "logprobs",
    code: 400,
  });
  expect((await send("/v1/completions", { prompt: [5], logprobs: 20 })).status).toBe(200);
  await server.close();
  await start({ maxLogprobs: -1 });
  expect((await send("/v1/completions", { prompt: [5], logprobs: 100 })).status).toBe(200);
});

test("logit_bias is clamped to ±100 without a word, and an unknown id is refused; allowed_token_ids restricts the draw", async () => {
  const flat = {
    name: "flat",
    next: async () => ({ logits: new Float32Array(1024).map((_, id) => (id === 3 ? 150 : 0)) }),
  };
  await start({ source: flat, samplingDefaults: {} });
  const ids = { return_token_ids: true, max_tokens: 1, temperature: 0 };
  // 1000 would win against a logit of 150; 100 does not.
  expect((await choice({ ...ids, logit_bias: { "9": 1000 } })).token_ids).toEqual([3]);
  expect((await choice({ ...ids, logit_bias: { "9": 100, "3": -1000 } })).token_ids).toEqual([9]);
  expect((await choice({ ...ids, allowed_token_ids: [7] })).token_ids).toEqual([7]);
  expect((await error({ prompt: [5], logit_bias: { "5000": 1 } })).message).toContain("out-of-vocab");
  expect((await error({ prompt: [5], allowed_token_ids: [] })).param).toBe("allowed_token_ids");
});

test("the end token ends the answer with its id and entry but no text; stop strings cut the text, not the ids", async () => {
  await start();
  const ids = { return_token_ids: true, logprobs: 0, temperature: 0 };
  const end = await choice({ ...ids, logit_bias: { "1023": 100 } });
  expect(end).toMatchObject({ text: "", token_ids: [1023], finish_reason: "stop", stop_reason: null });
  expect(end.logprobs!.tokens).toEqual(["</s>"]);
  const whole = await choice({ ...ids, max_tokens: 6 });
  const word = whole.text.slice(3, 5);
  const cut = await choice({ ...ids, max_tokens: 6, stop: [word] });
  expect(cut).toMatchObject({ text: whole.text.slice(0, whole.text.indexOf(word)), stop_reason: word });
  expect(vocabulary.decode(cut.token_ids!)).toContain(word);
  expect((await choice({ ...ids, stop_token_ids: whole.token_ids!.slice(0, 1) })).stop_reason).toBe(
    whole.token_ids![0],
  );
});

test("batches give a choice a prompt; errors for no prompt, an unknown id or model, too long a prompt, no JSON, an unknown route", async () => {
  await start({ contextLength: 32 });
  expect((await choices({ prompt: [[5, 6], [7]], max_tokens: 1, n: 2 })).map(({ index }) => index)).toEqual([
    0, 1, 2, 3,
  ]);
  expect((await error({})).param).toBe("prompt");
  expect((await error({ prompt: [1024] })).message).toBe("Token id 1024 is out of vocabulary");
  expect(await error({ prompt: [5], model: "other" })).toMatchObject({ code: 404, param: "model" });
  expect((await error({ prompt: Array(30).fill(5) })).message).toContain("maximum context length is 32 tokens");
  expect((await error("{")).message).toContain("json_invalid");
  expect((await error({}, "/nothing")).code).toBe(404);
  expect((await error({ prompt: [5], max_tokens: 0 })).message).toContain("max_tokens must be at least 1");
});

test("an API key guards /v1 only, and the refusal is a bare word", async () => {
  await start({ apiKey: "k" });
  const refused = await send("/v1/completions", { prompt: [5] });
  expect([refused.status, await refused.json()]).toEqual([401, { error: "Unauthorized" }]);
  expect((await send("/v1/completions", { prompt: [5] }, { authorization: "Bearer k" })).status).toBe(200);
  expect((await send("/tokenize", { prompt: "ka" })).status).toBe(200);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

test("tokenize, detokenize, models, version", async () => {
  await start({ modelName: "m", contextLength: 99 });
  const tokens = vocabulary.encode("ka ka", { addSpecial: true });
  expect(await (await send("/tokenize", { model: "m", prompt: "ka ka" })).json()).toEqual({
    count: tokens.length,
    max_model_len: 99,
    tokens,
    token_strs: null,
  });
  expect(await (await send("/tokenize", { prompt: "ka", add_special_tokens: false })).json()).toMatchObject({
    count: 1,
  });
  expect(await (await send("/detokenize", { model: "m", tokens: tokens.slice(1) })).json()).toEqual({
    prompt: " ka ka",
  });
  const get = async (path: string) => (await fetch(server.url + path)).json();
  expect(await get("/v1/models")).toMatchObject({ data: [{ id: "m", owned_by: "vllm", max_model_len: 99 }] });
  expect(await get("/version")).toHaveProperty("version");
});

test("a stream's pieces add up to the answer, each with the ids in it, the prompt's ids in the first; [DONE] last", async () => {
  await start();
  const body = { prompt: [5, 6], max_tokens: 4, temperature: 0, logprobs: 1, return_token_ids: true };
  const whole = await choice(body);
  const text = await (await send("/v1/completions", { ...body, stream: true })).text();
  const parts = Array.from(text.matchAll(/^data: (\{.*)$/gm), ([, event]) => JSON.parse(event!).choices[0] as Choice);
  expect(parts.map((part) => part.text).join("")).toBe(whole.text);
  expect(parts.flatMap((part) => part.token_ids)).toEqual(whole.token_ids);
  expect(parts.map((part) => part.prompt_token_ids)).toEqual([[5, 6], null, null, null]);
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
});

test("wrong score types reach the legacy arrays too", async () => {
  await start({ faults: faultsAt({ 0: wrongScores("string") }) });
  const { logprobs } = await choice({ max_tokens: 1, logprobs: 2 });
  expect(typeof logprobs!.token_logprobs[0]).toBe("string");
  expect(Object.values(logprobs!.top_logprobs[0]!).every((value) => typeof value === "string")).toBe(true);
  expect(logprobs!.text_offset).toEqual([0]);
});
