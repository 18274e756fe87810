import { generate, gumbel, Key, kgw } from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import {
  createToyVocabulary,
  type FakeServer,
  type FakeVllmServerOptions,
  jsonAnswer,
  startFakeOllamaServer,
  startFakeOpenaiChatServer,
  startFakeServer,
  startFakeSglangServer,
  startFakeVllmServer,
  startHtmlServer,
} from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { afterAll, describe, expect, it } from "vitest";
import {
  connect,
  identifyServer,
  llamaServer,
  openaiCompletions,
  probe,
  type ServerSource,
  sglang,
} from "../src/index.ts";
import { toyLanguage, toyServer, VOCABULARY_SIZE, write } from "./toy-server.ts";

const key = Key.fromHex("5a".repeat(32));
const source = toyLanguage();
const vocabulary = createToyVocabulary({ size: VOCABULARY_SIZE });
const own = { source, vocabulary, jitter: 0 };
/** The model's tokenizer as a client has it. */
const tokenizer = { decode: (tokens: ArrayLike<number>) => vocabulary.decode(tokens) };

const servers: FakeServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));
async function started(server: Promise<FakeServer>): Promise<string> {
  servers.push(await server);
  return servers.at(-1)!.url;
}
const vllm = (options: Partial<FakeVllmServerOptions> = {}) => started(startFakeVllmServer({ ...own, ...options }));

/** Of the llama-server that was asked in OpenAI's way last. */
let llamaAddress = "";

/** All ways to the same model. */
const ways: readonly (readonly [string, () => Promise<ServerSource>])[] = [
  ["llama.cpp, /completion", async () => llamaServer({ baseURL: (await toyServer()).url, topLogprobs: 50 })],
  [
    "llama.cpp, /v1/completions",
    async () => {
      llamaAddress = (await toyServer()).url;
      return openaiCompletions({ baseURL: llamaAddress, topLogprobs: 50, bytes: true });
    },
  ],
  [
    "vLLM, raw scores",
    async () => openaiCompletions({ baseURL: await vllm({ maxLogprobs: -1 }), topLogprobs: 50, tokenizer }),
  ],
  [
    "vLLM, processed scores",
    async () =>
      openaiCompletions({
        baseURL: `${await vllm({ maxLogprobs: 50, logprobsMode: "processed_logprobs" })}/v1`,
        topLogprobs: 50,
        tokenizer,
      }),
  ],
  ["SGLang", async () => sglang({ baseURL: await started(startFakeSglangServer(own)), topLogprobs: 50, tokenizer })],
];

describe.each(ways)("%s", (_name, make) => {
  it("gives the raw model's best candidates, singly and in drafts", async () => {
    const server = await make();
    const prompt = await server.encode("mama kana");
    expect(prompt).toEqual(vocabulary.encode("mama kana", { addSpecial: true }));
    const expected = async (tokens: readonly number[]): Promise<Map<number, number>> => {
      const { logits } = await source.next(tokens);
      const logTotal = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
      const best = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, 50);
      return new Map(best.sort((a, b) => a - b).map((id) => [id, logits[id]! - logTotal]));
    };
    const check = async (
      tokens: readonly number[],
      { logits, candidates }: { logits: Float32Array; candidates?: ArrayLike<number> },
    ) => {
      const wanted = await expected(tokens);
      expect(Array.from(candidates!)).toEqual([...wanted.keys()]);
      for (const [i, score] of [...wanted.values()].entries()) expect(logits[i]).toBeCloseTo(score, 3);
    };
    await check(prompt, await server.next(prompt));
    const text = [...prompt];
    for (const step of await server.draft!(prompt, 4)) {
      await check(text, step);
      text.push(step.token);
    }
    expect(text.length).toBeGreaterThan(prompt.length);
  });

  it("writes marked text, the same with drafts and without, that is found again and spelt whole", async () => {
    const server = await make();
    const prompt = await server.encode("mama");
    const scheme = gumbel(key, { contextWidth: 2 });
    const speculate = { minUse: 0.2 };
    const ahead = await write(server, prompt, { scheme, maxTokens: 120, temperature: 0.6, speculate });
    const each = await write(server, prompt, { scheme, maxTokens: 120, temperature: 0.6, speculate: false });
    expect(ahead.tokens).toEqual(each.tokens);
    expect(ahead.calls).toBeLessThan(each.calls);
    const span = { start: prompt.length, promptKnown: true };
    expect(detectTokens(scheme, [...prompt, ...ahead.tokens], span).log10PValue).toBeLessThan(-5);
    expect(ahead.text).toBe(vocabulary.decode(ahead.tokens));
    expect(await server.decode(ahead.tokens)).toBe(ahead.text);
    expect(ahead.text!.length).toBeGreaterThan(100);
  });

  it("keeps a draft's scores at their positions where a character is spread over tokens", async () => {
    const server = await make();
    // Greedily "👋" follows in four tokens; llama.cpp has no scores for the first three of them.
    const prompt = await server.encode("mama\n");
    const steps = await server.draft!(prompt, 8);
    const text = [...prompt];
    for (const { logits, candidates, token } of steps) {
      const wanted = (await source.next(text)).logits;
      const best = wanted.indexOf(Math.max(...wanted));
      expect(token).toBe(best);
      expect(candidates![logits.indexOf(Math.max(...logits))]).toBe(best);
      text.push(token);
    }
    expect(steps.length).toBe(server.kind === "llama.cpp" || server.address === llamaAddress ? 0 : 8);
    const scheme = gumbel(key, { contextWidth: 2 });
    const options = { scheme, maxTokens: 150, temperature: 0.5 };
    const ahead = await write(server, prompt, options);
    expect(ahead.tokens).toEqual((await write(server, prompt, { ...options, speculate: false })).tokens);
    expect(ahead.text).toContain("👋");
  });

  it("tells the probe what it can do: it is usable, with raw scores at temperature 1", async () => {
    const server = await make();
    const report = await probe(server);
    expect(report).toMatchObject({
      usable: true,
      ids: true,
      idsAsPrompt: true,
      spells: true,
      candidates: 50,
      capped: false,
      drafts: true,
      bias: true,
    });
    expect(report.verdict).toMatch(/^can be used, with 50 candidates a position/);
    expect(report.scores).toBe(/processed|SGLang/.test(_name) ? "processed" : "raw");
  });

  it("writes what every other way writes: one model, one key, one seed, one text", async () => {
    const scheme = kgw(key, { contextWidth: 1, delta: 3 });
    const server = await make();
    const reference = llamaServer({ baseURL: (await toyServer()).url, topLogprobs: 50 });
    const prompt = await server.encode("mama");
    const options = { scheme, maxTokens: 60, temperature: 0.9, topK: 30 };
    expect((await write(server, prompt, options)).tokens).toEqual((await write(reference, prompt, options)).tokens);
  });
});

describe("probe", () => {
  it("finds a server's limit on candidates and says how to lift it", async () => {
    const server = openaiCompletions({ baseURL: await vllm(), topLogprobs: 100, tokenizer });
    const report = await probe(server);
    expect(report).toMatchObject({ usable: true, candidates: 20, capped: true });
    expect(report.verdict).toMatch(/the server gives no more \(vLLM: start it with --max-logprobs\)/);
  });

  it("notices a server that does not read ids as ids, and one that names tokens by their text", async () => {
    const vllmURL = await vllm({ maxLogprobs: -1 });
    const honest = openaiCompletions({ baseURL: vllmURL, topLogprobs: 20, tokenizer });
    const deaf: ServerSource = {
      ...honest,
      ask: (question, call) =>
        honest.ask(typeof question.prompt === "string" ? question : { ...question, prompt: [1, 2, 3] }, call),
    };
    expect(await probe(deaf)).toMatchObject({
      usable: false,
      idsAsPrompt: false,
      verdict: expect.stringContaining("does not read a prompt of token ids as those ids"),
    });
    const named = await started(
      startFakeServer(({ path }) => {
        if (path === "/v1/models") return jsonAnswer({ data: [{ id: "m", owned_by: "someone" }] });
        if (path === "/tokenize") return jsonAnswer({ tokens: [1, 2] });
        const logprobs = { tokens: ["a"], token_logprobs: [-0.1], top_logprobs: [{ a: -0.1, b: -3 }] };
        return jsonAnswer({ choices: [{ text: "a", logprobs }] });
      }),
    );
    const report = await probe(await connect({ baseURL: named }));
    expect(report).toMatchObject({ usable: false, ids: false });
    expect(report.verdict).toMatch(/it deals in text, not in token ids/);
  });

  it("says that text and stop strings need a tokenizer where answers do not spell", async () => {
    const server = openaiCompletions({ baseURL: await vllm(), topLogprobs: 20 });
    expect(await probe(server)).toMatchObject({ usable: true, spells: false });
    const prompt = await server.encode("mama");
    const summary = await write(server, prompt, { maxTokens: 10 });
    expect(summary.text).toBeNull();
    const stop = generate(server, prompt, { maxTokens: 10, stop: ["x"], random: seedrandom("s") });
    await expect(stop.next()).rejects.toMatchObject({ code: "bad-argument" });
  });
});

describe("connect", () => {
  it("finds out what is there and speaks its protocol", async () => {
    const llama = (await toyServer()).url;
    const sglangURL = await started(startFakeSglangServer(own));
    const vllmURL = await vllm();
    expect(await identifyServer({ baseURL: llama })).toBe("llama.cpp");
    expect(await identifyServer({ baseURL: vllmURL })).toBe("vllm");
    expect(await identifyServer({ baseURL: sglangURL })).toBe("sglang");
    expect((await connect({ baseURL: llama })).kind).toBe("llama.cpp");
    expect((await connect({ baseURL: vllmURL })).kind).toBe("openai-completions");
    expect((await connect({ baseURL: sglangURL })).kind).toBe("sglang");
    expect((await connect({ baseURL: llama, api: "openai" })).kind).toBe("openai-completions");
  });

  it("refuses Ollama and chat-only servers in a plain sentence, and pages that are no server", async () => {
    const ollama = await started(startFakeOllamaServer(own));
    await expect(connect({ baseURL: ollama })).rejects.toMatchObject({
      code: "unsupported-server",
      message: expect.stringMatching(
        /this is Ollama, which neither names tokens by id .* run llama\.cpp's llama-server on the same GGUF/,
      ),
    });
    await expect(connect({ baseURL: ollama, api: "openai" })).rejects.toMatchObject({ code: "unsupported-server" });
    const chat = await started(startFakeOpenaiChatServer({ ...own, apiKey: "sk-fake" }));
    const source = await connect({ baseURL: chat, apiKey: "sk-fake" });
    expect(await probe(source)).toMatchObject({
      usable: false,
      verdict: expect.stringMatching(/^cannot be used: it deals in text, not in token ids \(as OpenAI's/),
    });
    await expect(source.next([1, 2])).rejects.toMatchObject({
      code: "unsupported-server",
      message: expect.stringContaining("/v1/completions: is not offered there (status 404)"),
    });
    const page = await started(startHtmlServer());
    await expect(connect({ baseURL: page })).rejects.toMatchObject({
      code: "bad-answer",
      message: expect.stringContaining("wanted JSON, got an HTML page"),
    });
    const other = await started(startFakeServer(() => jsonAnswer({ hello: "world" })));
    await expect(connect({ baseURL: other })).rejects.toMatchObject({
      code: "unsupported-server",
      message: expect.stringContaining("lists no models; is this the address of an inference server?"),
    });
    await expect(connect({ baseURL: "http://127.0.0.1:18999" })).rejects.toMatchObject({ code: "network" });
  });

  it("names the model that a server does not have", async () => {
    const source = openaiCompletions({ baseURL: await vllm(), model: "other" });
    await expect(source.facts()).rejects.toMatchObject({
      code: "bad-argument",
      message: expect.stringContaining("model: wanted one of the server's (toy)"),
    });
  });
});
