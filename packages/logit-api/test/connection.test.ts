import { getEventListeners } from "node:events";
import { type GenerationSummary, generate, gumbel, Key } from "@tokenmark/core";
import {
  badGateway,
  closeBeforeAnswer,
  cutAfter,
  delay,
  emptyBody,
  type Fault,
  faultsAt,
  hang,
  htmlPage,
  loadingModel,
  malformedJson,
  missingFields,
  resetBeforeAnswer,
  serverError,
  tooManyRequests,
  truncatedJson,
  wrongScores,
} from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { llamaServer } from "../src/index.ts";
import { toyServer, write } from "./toy-server.ts";

const scheme = gumbel(Key.fromHex("5a".repeat(32)));
const prompt = [300, 12, 40, 7, 9];
const patient = { retryDelayMs: 1, topLogprobs: 3 };

/** Tokens that a server which never fails gives. */
async function expected(maxTokens: number): Promise<readonly number[]> {
  const source = llamaServer({ baseURL: (await toyServer()).url, ...patient });
  return (await write(source, prompt, { scheme, maxTokens, speculate: false })).tokens;
}

describe("a lost connection", () => {
  it.each(["close", "reset"] as const)(
    "at any byte of an answer (%s) loses no token and doubles none",
    async (kind) => {
      const tokens = await expected(3);
      let bytes: number | null = null;
      const server = await toyServer({
        faults: (request) => {
          const { prompt: asked, n_probs } = request.body as { prompt?: number[]; n_probs?: number };
          if (bytes === null || n_probs === undefined || asked?.length !== prompt.length + 1) return undefined;
          const cut = cutAfter(bytes, kind);
          bytes = null;
          return cut;
        },
      });
      const source = llamaServer({ baseURL: server.url, ...patient });
      const run = () => write(source, prompt, { scheme, maxTokens: 3, speculate: false });
      expect((await run()).tokens).toEqual(tokens);
      const size = server.requests.at(-2)!.bytesSent;
      expect(size).toBeGreaterThan(400);
      for (let at = 0; at < size; at++) {
        const before = server.requests.length;
        bytes = at;
        expect((await run()).tokens).toEqual(tokens);
        // Three questions and the one that was asked again: the cut was met.
        expect(server.requests.length - before).toBe(4);
      }
    },
    300_000,
  );

  it("within a draft loses no token either", async () => {
    const tokens = await expected(40);
    const server = await toyServer({
      faults: (_request, index) => (index % 3 === 1 ? cutAfter(90 * (index % 11)) : undefined),
    });
    const source = llamaServer({ baseURL: server.url, ...patient });
    const summary = await write(source, prompt, { scheme, maxTokens: 40 });
    expect(summary.tokens).toEqual(tokens);
    expect(summary.calls).toBeLessThanOrEqual(40);
  });

  it.each<[string, Fault]>([
    ["closed before an answer", closeBeforeAnswer()],
    ["reset before an answer", resetBeforeAnswer()],
    ["429 with Retry-After", tooManyRequests(0)],
    ["500", serverError()],
    ["502 with a proxy's page", badGateway()],
    ["503 while the model loads", loadingModel()],
    ["JSON that breaks off", truncatedJson()],
    ["an empty answer", emptyBody()],
  ])("or a passing failure (%s) is waited out", async (_name, fault) => {
    const tokens = await expected(3);
    const server = await toyServer({ faults: faultsAt({ 1: fault, 2: fault, 4: fault }) });
    const source = llamaServer({ baseURL: server.url, ...patient });
    expect((await write(source, prompt, { scheme, maxTokens: 3, speculate: false })).tokens).toEqual(tokens);
  });

  it("waits longer each time, and as long as Retry-After says", async () => {
    const server = await toyServer({ faults: faultsAt({ 0: serverError(), 1: serverError(), 2: serverError() }) });
    const source = llamaServer({ baseURL: server.url, retryDelayMs: 20, topLogprobs: 4 });
    const started = performance.now();
    await source.encode("mama");
    expect(performance.now() - started).toBeGreaterThanOrEqual(20 + 40 + 80 - 5);
    const limited = await toyServer({ faults: faultsAt({ 0: tooManyRequests(1) }) });
    const since = performance.now();
    await llamaServer({ baseURL: limited.url, retryDelayMs: 1 }).encode("mama");
    expect(performance.now() - since).toBeGreaterThanOrEqual(950);
  });
});

/** Writes until a fault that does not pass, and says how it ended. */
async function fail(fault: Fault, options: object = {}) {
  const server = await toyServer({
    faults: (_request, index) => (index >= 3 ? fault : undefined),
    apiKey: "sk-sesame",
  });
  const source = llamaServer({ baseURL: server.url, apiKey: "sk-sesame", ...patient, retries: 2, ...options });
  const ends: GenerationSummary[] = [];
  const settings = { scheme, maxTokens: 9, random: seedrandom("f"), speculate: false };
  let error: { code?: string; message: string } | undefined;
  try {
    for await (const _ of generate(source, prompt, { ...settings, onEnd: (end) => void ends.push(end) }));
  } catch (thrown) {
    error = thrown as { code?: string; message: string };
  }
  return { error: error!, end: ends[0]!, server };
}

describe("a failure that lasts", () => {
  it.each<[string, Fault, string, RegExp, number]>([
    ["a dead connection", closeBeforeAnswer(), "network", /the connection was cut/, 3],
    ["429", tooManyRequests(0), "rate-limited", /asks to slow down \(status 429\)/, 3],
    ["500", serverError("decode: failed"), "server-error", /failed with status 500: decode: failed/, 3],
    ["502 with HTML", badGateway(), "server-error", /status 502, and not in JSON \(an HTML page\)/, 3],
    ["an HTML page", htmlPage(), "bad-answer", /wanted JSON, got an HTML page; is this the address/, 1],
    ["malformed JSON", malformedJson(), "bad-answer", /wanted JSON, got JSON that breaks off/, 3],
    ["scores as text", wrongScores("string"), "bad-answer", /wanted a log-probability in .*, got string/, 1],
    ["scores of null", wrongScores("null"), "bad-answer", /wanted candidates/, 1],
    [
      "no scores",
      missingFields("completion_probabilities"),
      "bad-answer",
      /wanted scores of the next token, got none/,
      1,
    ],
    ["no tokens", missingFields("tokens"), "bad-answer", /wanted an array in tokens/, 1],
    ["no ids", missingFields("id"), "bad-answer", /wanted scores of the next token/, 1],
  ])(
    "%s ends in one sentence, keeps what was written and leaks no API key",
    async (_name, fault, code, message, tries) => {
      const { error, end, server } = await fail(fault);
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(error.message).not.toContain("\n");
      expect(error.message).not.toContain("sesame");
      expect(error.message).toContain(server.url);
      expect(end).toMatchObject({ finishReason: "failed" });
      expect(end.tokens.length).toBe(2);
      expect(server.requests.length).toBe(3 + tries);
    },
  );

  it("a slow answer ends after the timeout and is not asked again", async () => {
    const { error, end, server } = await fail(hang(), { timeoutMs: 60 });
    expect(error).toMatchObject({ code: "timeout", message: expect.stringContaining("no answer within 60 ms") });
    expect(end.tokens.length).toBe(2);
    expect(server.requests.length).toBe(4);
    const slow = await toyServer({ faults: () => delay(30) });
    const source = llamaServer({ baseURL: slow.url, timeoutMs: 5000, topLogprobs: 4 });
    expect((await source.next(prompt)).logits.length).toBe(4);
  });

  it("an abort cuts the question that is under way, and is no failure of the server's", async () => {
    const server = await toyServer({ faults: (_request, index) => (index >= 3 ? delay(5000) : undefined) });
    const source = llamaServer({ baseURL: server.url, ...patient });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 150);
    const started = performance.now();
    const running = write(source, prompt, { maxTokens: 9, speculate: false, signal: controller.signal });
    await expect(running).rejects.toMatchObject({ code: "aborted" });
    expect(performance.now() - started).toBeLessThan(2000);
    await expect.poll(() => server.requests.at(-1)!.aborted).toBe(true);
    expect(server.requests.length).toBe(4);
  });

  it("a caller's signal that lives on keeps nothing of the questions that are over", async () => {
    const server = await toyServer({ faults: faultsAt({ 1: serverError(), 3: closeBeforeAnswer() }) });
    const { signal } = new AbortController();
    await write(llamaServer({ baseURL: server.url, ...patient }), prompt, { maxTokens: 5, speculate: false, signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("a wrong API key, a missing one and a text beyond the context are named", async () => {
    const server = await toyServer({ apiKey: "sk-sesame", contextLength: 64 });
    const ask = (apiKey: string | undefined, tokens: readonly number[]) =>
      llamaServer({ baseURL: server.url, topLogprobs: 4, ...(apiKey === undefined ? {} : { apiKey }) }).next(tokens);
    await expect(ask("sk-wrong", prompt)).rejects.toMatchObject({
      code: "unauthorized",
      message: expect.stringMatching(/wants another API key \(status 401\)$/),
    });
    await expect(ask(undefined, prompt)).rejects.toMatchObject({
      message: expect.stringContaining("wants an API key"),
    });
    await expect(ask("sk-sesame", new Array(100).fill(5))).rejects.toMatchObject({
      code: "too-long",
      message: expect.stringContaining("100 tokens against its 64"),
    });
    await expect(ask("sk-sesame", [])).rejects.toMatchObject({ code: "bad-argument" });
    await expect(ask("sk-sesame", [99_999])).rejects.toMatchObject({
      code: "server-error",
      message: expect.stringContaining("Prompt contains invalid tokens"),
    });
  });
});
