import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import {
  badGateway,
  closeBeforeAnswer,
  createToySource,
  createToyVocabulary,
  cutAfter,
  delay,
  emptyBody,
  type FakeServer,
  type FakeServerOptions,
  type Fault,
  faultsAt,
  hang,
  htmlPage,
  loadingModel,
  malformedJson,
  missingFields,
  resetBeforeAnswer,
  rewriteAnswer,
  serverError,
  startFakeLlamaServer,
  startHtmlServer,
  tooManyRequests,
  truncatedJson,
  wrongScores,
} from "@tokenmark/testkit";
import { afterEach, expect, test } from "vitest";

const vocabulary = createToyVocabulary();
const source = createToySource({ seed: "servers" });
let server: FakeServer;
afterEach(() => server.close());

async function start(options: FakeServerOptions = {}): Promise<void> {
  server = await startFakeLlamaServer({ source, vocabulary, jitter: 0, ...options });
}
const startWith = (fault: Fault): Promise<void> => start({ faults: faultsAt({ 0: fault }) });

// Nothing in this answer depends on time: equal requests, equal bytes.
const question = {
  prompt: [5, 6],
  n_predict: 1,
  n_probs: 2,
  temperature: 0,
  response_fields: ["content", "completion_probabilities"],
};
const ask = (init: RequestInit = {}): Promise<Response> =>
  fetch(`${server.url}/completion`, { method: "POST", body: JSON.stringify(question), ...init });

/** Everything that comes over one socket until it ends. */
function readRaw(body: object = question): Promise<{ bytes: Buffer; error: string | undefined }> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let error: string | undefined;
    const socket = connect(server.port, "127.0.0.1");
    const text = JSON.stringify(body);
    socket.write(`POST /completion HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
    socket.on("data", (part) => parts.push(part));
    socket.on("error", (cause: NodeJS.ErrnoException) => (error = cause.code));
    socket.on("close", () => resolve({ bytes: Buffer.concat(parts), error }));
  });
}

test("a cut leaves exactly so many bytes of the answer, at every offset from 0 to its whole length, then the socket ends", async () => {
  let bytes = 0;
  await start({ faults: () => cutAfter(bytes) });
  bytes = Number.MAX_SAFE_INTEGER;
  await (await ask()).text();
  const length = server.requests[0]!.bytesSent;
  let whole: Buffer | undefined;
  for (bytes = length; bytes >= 0; bytes -= bytes > 300 ? 1 : 7) {
    const got = (await readRaw()).bytes;
    whole ??= got;
    expect(got.length).toBe(bytes);
    expect(whole.subarray(0, bytes).equals(got)).toBe(true);
    expect(server.requests.at(-1)!.bytesSent).toBe(bytes);
  }
  expect(whole!.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

test("a cut in an event stream leaves exactly so many bytes too", async () => {
  await start({ faults: () => cutAfter(500) });
  const { bytes } = await readRaw({ ...question, n_predict: 5, stream: true });
  expect(bytes.length).toBe(500);
  expect(bytes.toString()).toContain("data: ");
});

test("a cut fails fetch: before the headers are whole when asking, later when reading", async () => {
  await start({ faults: faultsAt({ 0: cutAfter(20), 1: cutAfter(200) }) });
  await expect(ask()).rejects.toThrow();
  const response = await ask();
  await expect(response.text()).rejects.toThrow();
  expect(await (await ask()).json()).toHaveProperty("content");
});

test("a reset reaches the client as one, after the bytes or before any", async () => {
  await start({ faults: faultsAt({ 0: resetBeforeAnswer(), 1: cutAfter(50, "reset") }) });
  expect(await readRaw()).toEqual({ bytes: Buffer.alloc(0), error: "ECONNRESET" });
  expect((await readRaw()).error).toBe("ECONNRESET");
});

test("closing before the answer sends no byte; hanging neither, until the client gives up or the server closes", async () => {
  await start({ faults: faultsAt({ 0: closeBeforeAnswer(), 1: hang(), 2: hang() }) });
  expect(await readRaw()).toEqual({ bytes: Buffer.alloc(0), error: undefined });
  const stop = new AbortController();
  const given = expect(ask({ signal: stop.signal })).rejects.toThrow("aborted");
  while (server.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await given;
  const left = expect(ask()).rejects.toThrow();
  while (server.requests.length < 3) await new Promise((resolve) => setImmediate(resolve));
  expect(server.requests.map((one) => [one.status, one.bytesSent])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  await server.close();
  await left;
});

test("statuses: 429 with Retry-After, 500, 502 with nginx's page, 503 while loading, HTML where JSON should be", async () => {
  const faults = [tooManyRequests(7), serverError(), badGateway(), loadingModel(), htmlPage()];
  await start({ faults: (_, index) => faults[index] });
  const answers = [];
  for (let i = 0; i < faults.length; i++) answers.push(await ask());
  expect(answers.map((answer) => answer.status)).toEqual([429, 500, 502, 503, 200]);
  expect(answers[0]!.headers.get("retry-after")).toBe("7");
  expect(await answers[1]!.json()).toMatchObject({ error: { code: 500, type: "server_error" } });
  expect(await answers[2]!.text()).toContain("502 Bad Gateway");
  expect(await answers[3]!.json()).toEqual({
    error: { message: "Loading model", type: "unavailable_error", code: 503 },
  });
  expect(answers[4]!.headers.get("content-type")).toContain("text/html");
});

test.each([
  ["malformed", malformedJson()],
  ["truncated, with a content-length that agrees", truncatedJson()],
  ["empty", emptyBody()],
])("a body that is %s comes whole over HTTP and fails as JSON", async (_, fault) => {
  await startWith(fault);
  const response = await ask();
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(Number(response.headers.get("content-length"))).toBe(Buffer.byteLength(text));
  expect(() => JSON.parse(text)).toThrow();
});

test("wrong types: scores as strings, as null, one null for NaN; ids and bytes stay", async () => {
  type Body = {
    completion_probabilities: { id: number; bytes: number[]; logprob: unknown; top_logprobs: { logprob: unknown }[] }[];
  };
  const plans = [undefined, wrongScores("string"), wrongScores("null"), wrongScores("nan-as-null")];
  await start({ faults: (_, index) => plans[index] });
  const entries = [];
  for (let i = 0; i < plans.length; i++)
    entries.push(((await (await ask()).json()) as Body).completion_probabilities[0]!);
  const [right, strings, nulls, one] = entries;
  expect(strings!.logprob).toBe(String(right!.logprob));
  expect(strings!.top_logprobs.map(({ logprob }) => typeof logprob)).toEqual(["string", "string"]);
  expect([nulls!.logprob, ...nulls!.top_logprobs.map(({ logprob }) => logprob)]).toEqual([null, null, null]);
  expect([one!.logprob, one!.top_logprobs[0]!.logprob]).toEqual([null, right!.top_logprobs[0]!.logprob]);
  for (const entry of entries) expect([entry.id, entry.bytes]).toEqual([right!.id, right!.bytes]);
});

test("missing fields and any other change of the answer, in streams as well", async () => {
  await start({
    faults: faultsAt({
      0: missingFields("logprob", "content"),
      1: rewriteAnswer((value) => ({ ...value, content: 7 })),
      2: missingFields("tokens"),
    }),
  });
  const text = await (await ask()).text();
  expect(text).not.toMatch(/"logprob"|"content"/);
  expect(text).toContain("top_logprobs");
  expect(await (await ask()).json()).toMatchObject({ content: 7 });
  const stream = await (await ask({ body: JSON.stringify({ ...question, stream: true }) })).text();
  expect(stream).toMatch(/^data: \{/);
  expect(stream).not.toContain('"tokens"');
});

test("faults combine by spreading: a delay, then a cut", async () => {
  await startWith({ ...delay(60), ...cutAfter(30) });
  const started = performance.now();
  expect((await readRaw()).bytes.length).toBe(30);
  expect(performance.now() - started).toBeGreaterThan(55);
});

test("latency is a fixed delay a request, however many tokens it asks for; tokenMs comes on top per token", async () => {
  const timed = async (n_predict: number) => {
    const started = performance.now();
    await (await ask({ body: JSON.stringify({ ...question, n_predict, ignore_eos: true }) })).text();
    return performance.now() - started;
  };
  await start({ latencyMs: 80 });
  expect(await timed(1)).toBeGreaterThan(78);
  expect(await timed(50)).toBeGreaterThan(78);
  expect(await timed(50)).toBeLessThan(50 * 80);
  await server.close();
  server = await startFakeLlamaServer({ source, vocabulary, tokenMs: 10 });
  expect(await timed(8)).toBeGreaterThan(78);
});

test("the server logs requests in order with bodies, counts sockets and bytes, and one kept-alive socket serves many requests", async () => {
  await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 3; i++)
    await new Promise((resolve, reject) => {
      const sent = httpRequest(`${server.url}/tokenize?x=1`, { agent, method: "POST" }, (answer) => {
        answer.resume().on("end", resolve);
      });
      sent.on("error", reject).end(JSON.stringify({ content: "ka", i }));
    });
  agent.destroy();
  expect(
    server.requests.map(({ index, method, path, body, status, answered }) => [
      index,
      method,
      path,
      body.i,
      status,
      answered,
    ]),
  ).toEqual([0, 1, 2].map((i) => [i, "POST", "/tokenize", i, 200, true]));
  expect(server.socketsOpened).toBe(1);
  expect(server.bytesReceived).toBe(3 * JSON.stringify({ content: "ka", i: 0 }).length);
  expect(server.bytesSent).toBe(3 * server.requests[0]!.bytesSent);
});

test("a client that goes away is logged, and its generation stops", async () => {
  let asked = 0;
  const counting = {
    name: "counting",
    next(tokens: readonly number[]) {
      asked++;
      return source.next(tokens);
    },
  };
  server = await startFakeLlamaServer({ source: counting, vocabulary, tokenMs: 5 });
  const stop = new AbortController();
  const body = JSON.stringify({ ...question, n_predict: 500, ignore_eos: true });
  const answer = expect(ask({ body, signal: stop.signal })).rejects.toThrow();
  while (asked < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  stop.abort();
  await answer;
  while (!server.requests[0]!.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
  const before = asked;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(asked - before).toBeLessThanOrEqual(1);
  // The slot is free again.
  expect((await ask()).status).toBe(200);
});

test("close ends kept-alive and hanging sockets at once", async () => {
  await start({ faults: faultsAt({ 1: hang() }) });
  await (await ask()).text();
  const hanging = ask().catch(() => "ended");
  while (server.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const started = performance.now();
  await server.close();
  expect(await hanging).toBe("ended");
  // Kept-alive sockets would last a minute, the hanging one for ever.
  expect(performance.now() - started).toBeLessThan(10_000);
  await expect(ask()).rejects.toThrow();
});

test("the HTML server answers every path with a page; as a proxy, with 502", async () => {
  server = await startHtmlServer();
  for (const path of ["/", "/v1/models", "/completion"]) {
    const response = await fetch(server.url + path);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await response.text()).toMatch(/^<!DOCTYPE html>/);
  }
  await server.close();
  server = await startHtmlServer({ kind: "bad-gateway" });
  const response = await ask();
  expect([response.status, await response.text()]).toEqual([502, expect.stringContaining("nginx")]);
});
