import type { LogitSource } from "@tokenmark/core";
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
const forced = 1; // "a"
const neutral = { temperature: 1, top_k: 0, top_p: 1, min_p: 0, samplers: ["temperature"] };

interface Entry {
  id: number;
  token: string;
  bytes: number[];
  logprob: number;
  top_logprobs: Entry[];
}
interface Answer {
  content: string;
  tokens: number[];
  stop_type: string;
  stopping_word: string;
  truncated: boolean;
  tokens_predicted: number;
  id_slot: number;
  timings: { cache_n: number; prompt_n: number };
  generation_settings: { logit_bias: { bias: number; token: number }[] };
  completion_probabilities?: Entry[];
}

let server: FakeServer;
afterEach(() => server.close());

async function start(options: Partial<FakeLlamaServerOptions> = {}): Promise<void> {
  server = await startFakeLlamaServer({ source, vocabulary, jitter: 0, ...options });
}
async function post<T = Answer>(path: string, body: object): Promise<T> {
  const response = await fetch(server.url + path, { method: "POST", body: JSON.stringify(body) });
  return (await response.json()) as T;
}
const complete = (body: object): Promise<Answer> => post("/completion", { return_tokens: true, n_probs: 5, ...body });
/** A source that goes through `tokens` whatever came before, each with nearly all the mass. */
const scripted = (size: number, tokens: readonly number[], promptLength: number): LogitSource => ({
  name: "scripted",
  next: async (context) => {
    const logits = new Float32Array(size).fill(-20);
    logits[tokens[(context.length - promptLength) % tokens.length]!] = 5;
    return { logits };
  },
});

test("top_logprobs are raw: bias, temperature, truncation and penalties do not touch them, and they sum to 1 over the vocabulary", async () => {
  await start();
  const plain = await complete({ prompt: [5, 6], n_predict: 1, n_probs: 1024, ...neutral });
  const bent = await complete({
    prompt: [5, 6],
    n_predict: 1,
    n_probs: 1024,
    temperature: 0.1,
    top_k: 3,
    min_p: 0.5,
    repeat_penalty: 1.5,
    logit_bias: [[forced, 1e6]],
  });
  const top = plain.completion_probabilities![0]!.top_logprobs;
  expect(bent.completion_probabilities![0]!.top_logprobs).toEqual(top);
  expect(top.length).toBe(1024);
  expect(top.reduce((sum, entry) => sum + Math.exp(entry.logprob), 0)).toBeCloseTo(1, 5);
  expect(top.map((entry) => entry.logprob)).toEqual(top.map((entry) => entry.logprob).sort((a, b) => b - a));
});

test("a huge bias forces a token; its own raw entry stands on top of the raw list", async () => {
  await start();
  const {
    tokens,
    content,
    completion_probabilities: entries,
  } = await complete({
    prompt: [5, 6],
    n_predict: 1,
    logit_bias: [[forced, 1e6]],
    ...neutral,
  });
  expect([tokens, content]).toEqual([[forced], "a"]);
  const logits = source.logitsAfter([5, 6]);
  const best = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]!);
  expect(entries![0]!.id).toBe(forced);
  expect(entries![0]!.top_logprobs.map((entry) => entry.id)).toEqual(best.slice(0, 5));
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  expect(entries![0]!.logprob).toBeCloseTo(logits[forced]! - total, 5);
});

test("a token that leaves a character unfinished has no entry, and the token that ends it has one that names all its bytes", async () => {
  const emoji = Array.from(new TextEncoder().encode("👋"), (byte) => 1024 - 258 + byte);
  await start({ source: scripted(1024, [...emoji, forced], 2) });
  const one = await complete({ prompt: [5, 6], n_predict: 1, temperature: 0 });
  expect([one.content, one.tokens]).toEqual(["\ufffd", emoji.slice(0, 1)]);
  expect(one).not.toHaveProperty("completion_probabilities");
  const five = await complete({ prompt: [5, 6], n_predict: 5, temperature: 0 });
  expect([five.content, five.tokens]).toEqual(["👋a", [...emoji, forced]]);
  expect(five.completion_probabilities!.map(({ id, token, bytes }) => ({ id, token, bytes }))).toEqual([
    { id: emoji[3], token: "👋", bytes: [0xf0, 0x9f, 0x91, 0x8b] },
    { id: forced, token: "a", bytes: [97] },
  ]);
});

test("a stop word cuts the text inside a token, `tokens` is whole, and as many entries go as the word has tokens", async () => {
  const [one, two] = [vocabulary.encode(" momo")[1]!, 40];
  await start({ source: scripted(1024, [two, two, one], 2) });
  const text = vocabulary.decode([two, two, one]);
  const word = text.slice(-3, -1);
  const answer = await complete({ prompt: [5, 6], n_predict: 9, temperature: 0, stop: [word] });
  expect(answer).toMatchObject({ content: text.slice(0, text.indexOf(word)), stop_type: "word", stopping_word: word });
  const entries = answer.completion_probabilities?.length ?? 0;
  expect(entries).toBe(Math.max(0, answer.tokens.length - vocabulary.encode(word).length));
  expect(vocabulary.decode(answer.tokens).length).toBeGreaterThan(answer.content.length);
});

test("text that may begin a stop word is held back: an entry with no bytes, then one with the bytes of both", async () => {
  await start({ source: scripted(1024, [1, 2, 3], 2) });
  const answer = await complete({ prompt: [5, 6], n_predict: 3, temperature: 0, stop: ["az"] });
  expect(answer.content).toBe("abc");
  expect(answer.completion_probabilities!.map(({ token, bytes }) => [token, bytes])).toEqual([
    ["", []],
    ["ab", [97, 98]],
    ["c", [99]],
  ]);
});

test("the end token is in `tokens`, with empty text and bytes, stop_type eos; n_predict 0 gives one token", async () => {
  await start();
  const eos = 1023;
  const answer = await complete({ prompt: [5, 6], n_predict: 9, logit_bias: [[eos, 1e6]] });
  expect(answer).toMatchObject({ content: "", tokens: [eos], stop_type: "eos", tokens_predicted: 1 });
  expect(answer.completion_probabilities![0]).toMatchObject({ id: eos, token: "", bytes: [] });
  expect((await complete({ prompt: [5, 6], n_predict: 0, temperature: 0 })).tokens.length).toBe(1);
});

test("logit_bias comes as pairs, as an object and as text; text is tokenised, unknown ids are dropped without a word", async () => {
  await start();
  const biasOf = async (logit_bias: unknown) =>
    (await complete({ prompt: [5], n_predict: 1, logit_bias })).generation_settings.logit_bias;
  expect(await biasOf([[7, 2]])).toEqual([{ bias: 2, token: 7 }]);
  expect(await biasOf({ "7": 2 })).toEqual([{ bias: 2, token: 7 }]);
  expect(await biasOf([[99_999, 2]])).toEqual([]);
  expect(await biasOf({ "99999": 2, "-1": 2 })).toEqual([]);
  // SentencePiece puts a space before: two ids for a word that has one of its own.
  expect((await biasOf([[" ka", 2]])).map((entry) => entry.token)).toEqual(vocabulary.encode(" ka"));
  expect(vocabulary.encode(" ka").length).toBe(2);
  const many = Array.from({ length: 1000 }, (_, token) => [token, 1]);
  expect((await biasOf(many)).length).toBe(1000);
});

test("temperature 0 is greedy, equal seeds draw equally, and draws follow the truncated law", async () => {
  await start();
  const best = (logits: Float32Array) => logits.indexOf(Math.max(...logits));
  const greedy = await complete({ prompt: [5, 6], n_predict: 2, temperature: 0 });
  expect(greedy.tokens[0]).toBe(best(source.logitsAfter([6])));
  expect(greedy.tokens[1]).toBe(best(source.logitsAfter([greedy.tokens[0]!])));
  const seeded = () => complete({ prompt: [5, 6], n_predict: 8, seed: 3, ...neutral });
  expect((await seeded()).tokens).toEqual((await seeded()).tokens);
  const top2 = { prompt: [5, 6], n_predict: 1, temperature: 1, top_k: 2, top_p: 1, min_p: 0, samplers: ["top_k"] };
  const drawn = new Set<number>();
  for (let i = 0; i < 40; i++) drawn.add((await complete({ ...top2, seed: i })).tokens[0]!);
  const logits = source.logitsAfter([6]);
  const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]!);
  expect([...drawn].sort()).toEqual(order.slice(0, 2).sort());
});

test("a sampler that is not in `samplers` does nothing, whatever its parameter says", async () => {
  await start();
  const drawn = new Set<number>();
  const loose = { prompt: [5, 6], n_predict: 1, temperature: 1, top_k: 1, samplers: ["temperature"] };
  for (let i = 0; i < 20; i++) drawn.add((await complete({ ...loose, seed: i })).tokens[0]!);
  expect(drawn.size).toBeGreaterThan(5);
});

test("post_sampling_probs: `prob` and `top_probs` after the chain, as many as it left, summing to 1", async () => {
  await start();
  const answer = await complete({
    prompt: [5, 6],
    n_predict: 1,
    n_probs: 20,
    ...neutral,
    top_k: 8,
    samplers: ["top_k", "temperature"],
    post_sampling_probs: true,
  });
  const [entry] = answer.completion_probabilities as unknown as { prob: number; top_probs: { prob: number }[] }[];
  expect(entry).not.toHaveProperty("logprob");
  expect(entry!.top_probs.length).toBe(8);
  expect(entry!.top_probs.reduce((sum, { prob }) => sum + prob, 0)).toBeCloseTo(1, 5);
});

test("response_fields picks fields in order; a path is a flat key with the whole path as its name", async () => {
  await start();
  const response_fields = ["timings/prompt_n", "tokens", "nothing", "timings/nothing"];
  const answer = await complete({ prompt: [5, 6, 7], n_predict: 1, response_fields });
  expect(Object.keys(answer)).toEqual(["timings/prompt_n", "tokens"]);
  expect((answer as unknown as Record<string, unknown>)["timings/prompt_n"]).toBe(3);
});

test("one sequence on one slot evaluates one token a step; without cache_prompt the whole prompt", async () => {
  await start();
  const prompt = [5, 6, 7, 8];
  const timings = [];
  for (let step = 0; step < 4; step++) {
    timings.push((await complete({ prompt, n_predict: 1, id_slot: 1, logit_bias: [[forced, 1e6]] })).timings);
    prompt.push(9 + step);
  }
  expect(timings.map(({ cache_n, prompt_n }) => [cache_n, prompt_n])).toEqual([
    [0, 4],
    [4, 1],
    [5, 1],
    [6, 1],
  ]);
  const cold = await complete({ prompt, n_predict: 1, id_slot: 1, cache_prompt: false });
  expect([cold.timings.cache_n, cold.timings.prompt_n]).toEqual([0, 8]);
  expect(cold.id_slot).toBe(1);
});

test("eight interleaved sequences over two slots still evaluate few tokens a step: the host cache keeps what slots lose", async () => {
  await start();
  const prompts = Array.from({ length: 8 }, (_, i) => Array.from({ length: 60 }, (_, at) => 100 * i + at));
  let evaluated = 0;
  for (let step = 0; step < 10; step++)
    for (const prompt of prompts) {
      const { timings } = await complete({ prompt, n_predict: 1, logit_bias: [[forced, 1e6]] });
      if (step > 0) evaluated += timings.prompt_n;
      prompt.push(forced + 1 + step);
    }
  expect(evaluated / 72).toBeLessThan(2);
});

test("cached and uncached scores differ by about 1e-5 and repeat; jitter 0 makes them equal", async () => {
  const scores = async () =>
    (await complete({ prompt: [5, 6, 7], n_predict: 1, n_probs: 50, temperature: 0 })).completion_probabilities![0]!
      .top_logprobs;
  await start({ jitter: 1e-5 });
  const [cold, warm, again] = [await scores(), await scores(), await scores()];
  const gap = Math.max(...cold.map((entry, i) => Math.abs(entry.logprob - warm[i]!.logprob)));
  expect(gap).toBeGreaterThan(1e-6);
  expect(gap).toBeLessThan(5e-5);
  expect(again).toEqual(warm);
  await server.close();
  await start({ jitter: 0 });
  expect(await scores()).toEqual(await scores());
});
