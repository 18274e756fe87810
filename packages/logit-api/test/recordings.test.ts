import { readFileSync } from "node:fs";
import { type FakeServer, jsonAnswer, startFakeServer } from "@tokenmark/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { llamaServer, openaiCompletions } from "../src/index.ts";

/** Real answers of llama-server 0.5.0-dev (commit de3ff81); see the README beside them. */
const folder = new URL("../../testkit/test/vectors/llama-server/", import.meta.url);

interface Exchange {
  readonly request: { readonly path: string; readonly body?: Record<string, unknown> };
  readonly response: { readonly status: number; readonly body: Record<string, unknown> };
}
const read = <T = Exchange>(name: string): T =>
  JSON.parse(readFileSync(new URL(`llamacpp-${name}.json`, folder), "utf8")) as T;

const servers: FakeServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

/** A server that gives recorded answers: by path, several for one path in their order, the last one for ever. */
async function replay(exchanges: readonly Exchange[], plain = 29874): Promise<FakeServer> {
  const left = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const { path } = exchange.request;
    left.set(path, [...(left.get(path) ?? []), exchange]);
  }
  const server = await startFakeServer(({ path }) => {
    const queue = left.get(path);
    if (queue === undefined) return jsonAnswer({ tokens: [plain] });
    const { status, body } = (queue.length > 1 ? queue.shift()! : queue[0]!).response;
    return jsonAnswer(body, { status });
  });
  servers.push(server);
  return server;
}

interface Entry {
  readonly id: number;
  readonly bytes: number[];
  readonly top_logprobs: { readonly id: number; readonly bytes: number[]; readonly logprob: number }[];
}
const entriesOf = ({ response }: Exchange): Entry[] => response.body.completion_probabilities as Entry[];

/** Id to score, as the recording has it. */
const scoresOf = (entry: Entry): Map<number, number> =>
  new Map(entry.top_logprobs.map(({ id, logprob }) => [id, Math.fround(logprob)]));

describe("recorded answers of a real llama-server", () => {
  it("client-sampling-6-steps: the same questions are asked, and every candidate's score is read", async () => {
    const { steps } = read<{ steps: Exchange[] }>("client-sampling-6-steps");
    const server = await replay(steps);
    const source = llamaServer({ baseURL: server.url, topLogprobs: 8, slot: 0 });
    for (const step of steps) {
      const { logits, candidates } = await source.next(step.request.body!.prompt as number[]);
      const scores = scoresOf(entriesOf(step)[0]!);
      expect(Array.from(candidates!)).toEqual([...scores.keys()].sort((a, b) => a - b));
      for (let i = 0; i < logits.length; i++) expect(logits[i]).toBe(scores.get(candidates![i]!));
      const { response_fields: _, top_k, top_p, min_p, ...asked } = step.request.body!;
      // Left out by us: with temperature as the only sampler they do nothing.
      expect({ top_k, top_p, min_p }).toEqual({ top_k: 0, top_p: 1, min_p: 0 });
      expect(server.requests.at(-1)!.body).toMatchObject(asked);
    }
  });

  it("completion-greedy-run-4: a draft has the server's tokens and the scores behind each", async () => {
    const recorded = read("completion-greedy-run-4");
    const source = llamaServer({ baseURL: (await replay([recorded])).url, topLogprobs: 5 });
    const steps = await source.draft!(recorded.request.body!.prompt as number[], 4);
    expect(steps.map(({ token }) => token)).toEqual(recorded.response.body.tokens);
    for (const [i, { logits, candidates }] of steps.entries()) {
      const scores = scoresOf(entriesOf(recorded)[i]!);
      expect(new Map(Array.from(candidates!, (id, j) => [id, logits[j]!]))).toEqual(
        new Map([...scores].sort(([a], [b]) => a - b)),
      );
    }
  });

  it.each(["completion-partial-utf8", "completion-stopword"])(
    "%s: no scores are invented where there are none",
    async (name) => {
      const recorded = read(name);
      const source = llamaServer({ baseURL: (await replay([recorded])).url, topLogprobs: 2 });
      expect(await source.draft!([1, 2], 2)).toEqual([]);
      await expect(source.next([1, 2])).rejects.toMatchObject({ code: "bad-answer" });
    },
  );

  it("completion-eos and -last-byte-of-emoji: scores are read behind an end token and behind a last byte", async () => {
    const question = { prompt: [1], maxTokens: 5, topLogprobs: 2, temperature: 1 };
    const end = llamaServer({ baseURL: (await replay([read("completion-eos")])).url });
    expect((await end.ask(question)).positions[0]).toMatchObject({ token: 2 });
    expect(end.createDetokenizer!([]).push(4422)).toBe("util");
    const emoji = llamaServer({ baseURL: (await replay([read("completion-last-byte-of-emoji")])).url });
    expect((await emoji.ask(question)).positions[0]).toMatchObject({ token: 142 });
    expect(emoji.createDetokenizer!([]).push(13654)).toBe(" inclu");
  });

  it.each(["v1-completions-logprobs", "v1-completions-token-prompt"])(
    "%s: /v1/completions answers in the chat shape, ids and bytes included",
    async (name) => {
      const recorded = read(name);
      const server = await replay([recorded, read("get-v1-models")]);
      const source = openaiCompletions({ baseURL: server.url, topLogprobs: 3, bytes: true });
      const steps = await source.draft!([1, 450], 2);
      const [choice] = recorded.response.body.choices as { logprobs: { content: Entry[] } }[];
      const { content } = choice!.logprobs;
      expect(steps.map(({ token }) => token)).toEqual(content.map(({ id }) => id));
      for (const [i, { candidates }] of steps.entries()) {
        expect(new Set(Array.from(candidates!))).toEqual(new Set(scoresOf(content[i]!).keys()));
      }
      const spelt = source.createDetokenizer!([]);
      expect([4422, 19079, 31502].map((id) => spelt.push(id))).toEqual(["util", " nations", "何"]);
      expect(server.requests.at(-1)!.body).toMatchObject({ model: "tiny-spm.gguf", prompt: [1, 450], max_tokens: 2 });
    },
  );

  it("get-v1-models and get-props: vocabulary, context and model are read", async () => {
    const server = await replay([read("get-v1-models"), read("get-props")], 2);
    expect(await llamaServer({ baseURL: server.url }).facts()).toEqual({
      model: "tiny-spm.gguf",
      vocabularySize: 32000,
      contextLength: 1024,
      endTokens: [2],
    });
    expect(await openaiCompletions({ baseURL: server.url }).facts()).toMatchObject({
      model: "tiny-spm.gguf",
      vocabularySize: 32000,
    });
  });

  it("detokenize: text comes from the server's own tokenizer", async () => {
    const recorded = read("detokenize");
    const server = await replay([recorded]);
    const { tokens } = recorded.request.body as { tokens: number[] };
    expect(await llamaServer({ baseURL: server.url }).decode(tokens)).toBe("👋");
    expect(server.requests.at(-1)!.body).toEqual({ tokens });
  });

  it.each([
    ["error-auth", "unauthorized", /wants an API key \(status 401\)/],
    ["error-bad-token", "server-error", /refused the question with status 400: Prompt contains invalid tokens/],
    ["error-context", "too-long", /longer than the server's context, 3002 tokens against its 1024/],
    ["error-no-prompt", "server-error", /key 'prompt' not found/],
  ])("%s: is named", async (name, code, message) => {
    const source = llamaServer({ baseURL: (await replay([read(name)])).url });
    await expect(source.next([1])).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
