import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseProfile } from "@tokenmark/core";
import { dtype, modelFolder } from "@tokenmark/demo-model";
import {
  closeBeforeAnswer,
  createServerVocabulary,
  createToySource,
  createToyVocabulary,
  type FakeLlamaServerOptions,
  type FakeServer,
  htmlPage,
  jsonAnswer,
  rewriteAnswer,
  startFakeLlamaServer,
  startFakeServer,
  startFakeVllmServer,
} from "@tokenmark/testkit";
import { createGenerator, type Generator } from "@tokenmark/transformers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseReceipt, type Receipt } from "../src/index.ts";
import { answer } from "./run-in-process.ts";
import { temporaryFolder, tokenmark } from "./run-tokenmark.ts";

const cwd = temporaryFolder();
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => answer(args, { cwd, env });
const receipt = (name: string): Receipt => parseReceipt(JSON.parse(readFileSync(join(cwd, name), "utf8")));
const PROMPT = "The people of the city";

const servers: FakeServer[] = [];
let generator: Generator;
let shipped: FakeServer;
let toy: FakeServer;

async function toyServer(options: Partial<FakeLlamaServerOptions> = {}): Promise<FakeServer> {
  const size = 512;
  const source = createToySource({ seed: "cli", vocabularySize: size });
  const vocabulary = createToyVocabulary({ size });
  const server = await startFakeLlamaServer({ source, vocabulary, jitter: 0, ...options });
  servers.push(server);
  return server;
}

beforeAll(async () => {
  generator = await createGenerator(modelFolder, { dtype, sessionOptions: { intraOpNumThreads: 1 } });
  const { tokenizer, vocabularySize, source } = generator;
  const bytes = Array.from({ length: vocabularySize }, (_, id) => tokenizer.bytesOf(id) ?? new Uint8Array(0));
  const encode = (text: string) => tokenizer.encode(text);
  // The model that ships, as if llama.cpp served it.
  shipped = await startFakeLlamaServer({
    source,
    vocabulary: createServerVocabulary({ bytes, endTokens: [], encode }),
    contextLength: generator.contextLength ?? 512,
    modelName: "shipped.gguf",
  });
  servers.push(shipped);
  toy = await toyServer();
  await run(["keygen", "--out", "a.key"]);
  await run(["profile", "create", "--scheme", "gumbel", "--key-file", "a.key", "--out", "p.json"]);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await generator.dispose();
});

const marked = ["--scheme", "gumbel", "--key-file", "a.key", "--seed", "3"];

describe("generate --url", () => {
  it("marks by a profile through a server of the profile's model; detect finds it in the text under the same profile", async () => {
    const by = ["--profile", "p.json", "--key-file", "a.key"];
    const args = ["generate", "--api", "llama", "--url", shipped.url, ...by, "--seed", "3", "--max-tokens", "150"];
    const { status, stdout, stderr } = await run([...args, "--receipt", "r.json", PROMPT]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    writeFileSync(join(cwd, "out.txt"), stdout);
    const found = await run(["detect", ...by, "out.txt"]);
    expect(found.status).toBe(1);
    expect(found.stdout).toContain("marked");
    const { text, tokens, tokenizer, model, outcomes } = receipt("r.json");
    expect(text).toBe(stdout);
    expect(tokens.length).toBe(150);
    expect(outcomes.marked).toBeGreaterThan(100);
    expect(model.name).toBe("shipped.gguf");
    expect(tokenizer).toEqual(parseProfile(readFileSync(join(cwd, "p.json"), "utf8")).tokenizer);
    expect((await run(["detect", ...by, "--ids", "r.json"])).status).toBe(1);
  });

  it("writes what --no-speculate writes, and ends at --stop", async () => {
    const args = ["generate", "--url", toy.url, ...marked, "--max-tokens", "80", "--temperature", "0.5"];
    const { status, stdout } = await run([...args, "mama"]);
    expect(status).toBe(0);
    expect((await run([...args, "--no-speculate", "mama"])).stdout).toBe(stdout);
    const stop = stdout.slice(30, 33);
    const cut = await run([...args, "--stop", stop, "--receipt", "s.json", "mama"]);
    expect(cut.stdout).toBe(stdout.slice(0, stdout.indexOf(stop)));
    expect(receipt("s.json")).toMatchObject({ finishReason: "stop", text: cut.stdout });
  });

  it("finds its mark from a receipt of a server whose tokenizer nobody has here", async () => {
    const args = ["generate", "--url", toy.url.replace("http://", ""), ...marked, "--max-tokens", "90"];
    expect((await run([...args, "--receipt", "t.json", "mama"])).status).toBe(0);
    expect(receipt("t.json").tokenizer).toMatchObject({ name: "toy.gguf", vocabularySize: 512 });
    expect((await run(["detect", ...marked.slice(0, 4), "--ids", "t.json"])).status).toBe(1);
  });

  it("refuses a server whose tokenizer is not the profile's, in a sentence", async () => {
    const args = ["generate", "--profile", "p.json", "--key-file", "a.key", "--url"];
    const other = await run([...args, toy.url, PROMPT]);
    expect({ status: other.status, stdout: other.stdout }).toEqual({ status: 2, stdout: "" });
    expect(other.stderr).toMatch(
      /vocabularySize: wanted 4096 .*, got 512 from the server .*, which serves another model/,
    );
    const { vocabularySize } = generator;
    const same = await toyServer({
      source: createToySource({ seed: "same size", vocabularySize }),
      vocabulary: createToyVocabulary({ size: vocabularySize }),
    });
    const wrong = await run([...args, same.url, PROMPT]);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/tokenizer: wanted the server .* to read "Hello, world!.*serves another model/);
  });

  it("keeps what was written when the server dies: on stdout, and in the receipt", async () => {
    const fault = closeBeforeAnswer();
    const dying = await toyServer({
      faults: ({ body }) => (Number((body.prompt as [])?.length) > 25 ? fault : undefined),
    });
    const args = ["generate", "--url", dying.url, ...marked, "--max-tokens", "60", "--no-speculate"];
    const { status, stdout, stderr } = await run([...args, "--receipt", "d.json", "mama"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^tokenmark: server .*\/completion: the connection was cut\n$/);
    const { text, tokens, finishReason } = receipt("d.json");
    expect(finishReason).toBe("failed");
    expect(tokens.length).toBeGreaterThan(10);
    expect(stdout).toBe(text);
    expect(text.length).toBeGreaterThan(10);
  }, 60_000);

  it("sends the API key of TOKENMARK_API_KEY and shows it nowhere", async () => {
    const locked = await toyServer({ apiKey: "sk-sesame" });
    const args = ["generate", "--url", locked.url, ...marked, "--max-tokens", "5", "mama"];
    const without = await run(args);
    expect(without.status).toBe(2);
    expect(without.stderr).toMatch(/wants an API key/);
    expect((await run(args, { TOKENMARK_API_KEY: "sk-sesame" })).status).toBe(0);
    const wrong = await run(args, { TOKENMARK_API_KEY: "sk-wrong" });
    expect(wrong.stderr).toMatch(/wants another API key/);
    expect(wrong.stderr).not.toContain("sk-wrong");
  });

  it.each([
    [["--api", "llama"], /--url: wanted the server's address beside --api/],
    [["--stop", "x"], /--stop: wanted --url beside it/],
    [["--top-logprobs", "9"], /--top-logprobs: wanted --url beside it/],
    [["--url", "http://127.0.0.1:1", "--api", "other"], /Allowed choices are llama, openai, sglang/],
    [["--url", "http://127.0.0.1:1", "--slot", "-1"], /Wanted a whole number of at least 0/],
    [["--url", "http://127.0.0.1:18999"], /nothing listens there; start the server or check the port/],
    [["--url", "http://u:p@127.0.0.1:18999"], /wanted an address without a password/],
  ])("refuses %j with status 2 and one sentence", async (flags, message) => {
    const { status, stdout, stderr } = await run(["generate", ...marked, ...flags, "mama"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
  });

  it("writes through a server that tells nothing of its tokenizer, but asks for one where a receipt has to name it", async () => {
    const size = 512;
    const server = await startFakeVllmServer({
      source: createToySource({ seed: "vllm", vocabularySize: size }),
      vocabulary: createToyVocabulary({ size }),
    });
    servers.push(server);
    const args = ["generate", "--url", server.url, ...marked, "--max-tokens", "40", "mama"];
    const { status, stdout } = await run(args);
    expect(status).toBe(0);
    expect(stdout.length).toBeGreaterThan(40);
    const refused = await run([...args, "--receipt", "w.json"]);
    expect({ status: refused.status, stdout: refused.stdout }).toEqual({ status: 2, stdout: "" });
    expect(refused.stderr).toMatch(
      /^tokenmark: --model: wanted the folder of the served model's tokenizer for the receipt, .*, got none\n$/,
    );
  });

  it("takes --api's word for a server behind a proxy that lets only its questions through", async () => {
    const bare = await toyServer({
      faults: ({ method }) =>
        method === "GET" ? { answer: jsonAnswer({ error: { message: "no" } }, { status: 404 }) } : undefined,
    });
    const args = ["generate", "--url", bare.url, ...marked, "--max-tokens", "40", "mama"];
    const { status, stdout } = await run([...args, "--api", "llama"]);
    expect(status).toBe(0);
    expect(stdout).toBe((await run(["generate", "--url", toy.url, ...args.slice(3)])).stdout);
    expect((await run(args)).status).toBe(2);
  });

  it("refuses a top-k beyond the candidates, which the receipt would tell wrongly", async () => {
    const args = ["generate", "--url", toy.url, ...marked, "--max-tokens", "5"];
    const { status, stdout, stderr } = await run([...args, "--top-k", "200", "mama"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/--top-k: wanted at most the 100 candidates that are asked for \(--top-logprobs\), got 200/);
    expect((await run([...args, "--top-k", "200", "--top-logprobs", "200", "mama"])).status).toBe(0);
  });

  it("writes the receipt of ids also when a server that does not spell fails for good", async () => {
    const size = 512;
    const server = await startFakeVllmServer({
      source: createToySource({ seed: "vllm", vocabularySize: size }),
      vocabulary: createToyVocabulary({ size }),
      faults: ({ path, body }) => {
        if (path === "/v1/models")
          return rewriteAnswer(({ data }) => ({ data: [{ ...(data as object[])[0], meta: { n_vocab: size } }] }));
        const late = Array.isArray(body.prompt) && body.prompt.length > 25;
        return path === "/detokenize" || late ? htmlPage() : undefined;
      },
    });
    servers.push(server);
    const args = ["generate", "--url", server.url, ...marked, "--max-tokens", "90", "--receipt", "v.json", "mama"];
    const { status, stderr } = await run(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/\/v1\/completions: wanted JSON, got an HTML page/);
    expect(receipt("v.json")).toMatchObject({ finishReason: "failed", text: "" });
    expect(receipt("v.json").tokens.length).toBeGreaterThan(10);
  });

  it("refuses more tokens than the server's context has room for", async () => {
    const { status, stderr } = await run(["generate", "--url", toy.url, ...marked, "--max-tokens", "5000", "mama"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--max-tokens: wanted at most the \d+ tokens that the server's context has room for/);
  });

  it("ends at once, with what was written, when interrupted", async () => {
    const slow = await toyServer({ latencyMs: 40 });
    const args = ["generate", "--url", slow.url, "--scheme", "none", "--max-tokens", "900", "--no-speculate", "mama"];
    const { start, ended } = await import("./run-tokenmark.ts");
    const child = start(args, { cwd });
    const end = ended(child);
    await expect.poll(() => slow.requests.length, { timeout: 60_000 }).toBeGreaterThan(30);
    child.kill("SIGINT");
    const { status, stdout } = await end;
    expect(status).toBe(130);
    expect(stdout.length).toBeGreaterThan(10);
  });
});

describe("probe", () => {
  it("tells what a server can do, for people and for machines, and exits 0", async () => {
    const { status, stdout } = await tokenmark(["probe", "--url", shipped.url], { cwd });
    expect(status).toBe(0);
    expect(stdout).toMatch(/llama\.cpp at http/);
    expect(stdout).toMatch(/names tokens by id\s+yes/);
    const { stdout: json } = await run(["probe", "--url", shipped.url, "--json"]);
    expect(JSON.parse(json)).toMatchObject({ usable: true, ids: true, scores: "raw", model: "shipped.gguf" });
  });

  it("says of a dead and of a foreign server in one sentence what is wrong, and exits 2", async () => {
    const page = await startFakeServer(() => htmlPage().answer!);
    const foreign = await startFakeServer(() => jsonAnswer({ hello: "world" }));
    servers.push(page, foreign);
    for (const [url, message] of [
      ["http://127.0.0.1:18999", /nothing listens there/],
      ["not a url", /baseURL: wanted an address/],
      [page.url, /wanted JSON, got an HTML page; is this the address of an inference server\?/],
      [foreign.url, /server/],
    ] as const) {
      const { status, stdout, stderr } = await run(["probe", "--url", url]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n").length).toBe(1);
    }
  });
});
