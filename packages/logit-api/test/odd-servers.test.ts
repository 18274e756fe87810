import { gumbel, Key } from "@tokenmark/core";
import {
  createToyVocabulary,
  type FakeServer,
  jsonAnswer,
  rewriteAnswer,
  startFakeServer,
  startFakeVllmServer,
} from "@tokenmark/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { connect, identifyServer, llamaServer, openaiCompletions, probe, type ServerSource } from "../src/index.ts";
import { toyLanguage, toyServer, VOCABULARY_SIZE, write } from "./toy-server.ts";

const vocabulary = createToyVocabulary({ size: VOCABULARY_SIZE });
const own = { source: toyLanguage(), vocabulary, jitter: 0 };
const scheme = gumbel(Key.fromHex("5a".repeat(32)), { contextWidth: 2 });

const servers: FakeServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));
async function started(server: Promise<FakeServer>): Promise<string> {
  servers.push(await server);
  return servers.at(-1)!.url;
}

describe("connect", () => {
  it("does not take every service that tells its version for Ollama", async () => {
    const models = { data: [{ id: "m", owned_by: "somebody" }] };
    const url = await started(
      startFakeServer(({ path }) => {
        if (path === "/v1/models") return jsonAnswer(models);
        if (path === "/api/version") return jsonAnswer({ version: "1.2.3" });
        return jsonAnswer({ error: { message: "no such route" } }, { status: 404 });
      }),
    );
    expect(await identifyServer({ baseURL: url })).toBe("other");
    expect((await connect({ baseURL: url })).kind).toBe("openai-completions");
  });

  it("refuses a model's name where nobody would ask for it", async () => {
    const { url } = await toyServer();
    await expect(connect({ baseURL: url, model: "other" })).rejects.toMatchObject({
      code: "bad-argument",
      message: expect.stringMatching(/^model: wanted none for llama, .* asked with api "openai"$/),
    });
    expect((await connect({ baseURL: url, model: "toy.gguf", api: "openai" })).kind).toBe("openai-completions");
  });
});

describe("a draft at the end of the context", () => {
  it("that vLLM refuses does not end the text before its last token", async () => {
    const baseURL = await started(startFakeVllmServer({ ...own, contextLength: 40, maxLogprobs: -1 }));
    const source = openaiCompletions({ baseURL, topLogprobs: 50 });
    const prompt = await source.encode("mama kana");
    const options = { scheme, temperature: 0.1, maxTokens: 40 - prompt.length };
    const each = await write(source, prompt, { ...options, speculate: false });
    expect(each.tokens.length).toBe(40 - prompt.length);
    // It is asked for more than there is room for.
    const ends: unknown[] = [];
    const ahead = {
      ...options,
      maxTokens: 100,
      onEnd: (end: { tokens: readonly number[] }) => void ends.push(end.tokens),
    };
    await expect(write(source, prompt, ahead)).rejects.toMatchObject({ code: "too-long" });
    expect(ends).toEqual([each.tokens]);
  });

  it("that llama.cpp lengthened by forgetting its beginning gives the first scores alone", async () => {
    const shifted = rewriteAnswer((body) => (Object.hasOwn(body, "tokens") ? { ...body, truncated: true } : body));
    const plain = llamaServer({ baseURL: (await toyServer()).url });
    const source = llamaServer({ baseURL: (await toyServer({ faults: () => shifted })).url });
    const prompt = vocabulary.encode("mama kana", { addSpecial: true });
    const whole = await plain.draft!(prompt, 4);
    expect(whole.length).toBeGreaterThan(1);
    expect(await source.draft!(prompt, 4)).toEqual(whole.slice(0, 1));
    expect(await source.next(prompt)).toEqual(await plain.next(prompt));
  });
});

describe("probe", () => {
  it("says of a gateway that forwards /v1 alone what is missing", async () => {
    const faults = ({ path }: { path: string }) =>
      path === "/tokenize" ? { answer: jsonAnswer({ detail: "Not Found" }, { status: 404 }) } : undefined;
    const source = openaiCompletions({ baseURL: await started(startFakeVllmServer({ ...own, faults })) });
    expect(await probe(source)).toMatchObject({
      usable: false,
      ids: true,
      verdict: expect.stringMatching(/has no route that gives a text's ids .*\/tokenize: is not offered there/),
    });
  });

  it("does not mind that two best tokens which are level change places", async () => {
    const steady = openaiCompletions({ baseURL: await started(startFakeVllmServer(own)) });
    let turn = 0;
    const level: ServerSource = {
      ...steady,
      async ask(question, call) {
        const answer = await steady.ask(question, call);
        const { logits } = answer.positions[0]!;
        const [first, second] = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!) as [number, number];
        logits[second] = logits[first]! + (turn++ % 2 ? 0.01 : -0.01);
        return answer;
      },
    };
    expect(await probe(level)).toMatchObject({ usable: true, idsAsPrompt: true, drafts: true, scores: "raw" });
  });
});
