import { type GeneratedToken, generate, gumbel, Key, kgw, synthid, type WatermarkScheme } from "@tokenmark/core";
import { detectText, detectTokens } from "@tokenmark/detector";
import seedrandom from "seedrandom";
import { beforeAll, describe, expect, it } from "vitest";
import { llamaServer, type ServerSource } from "../src/index.ts";
import { LINE_BREAK, toyLanguage, toyServer, VOCABULARY_SIZE, write } from "./toy-server.ts";

const key = Key.fromHex("5a".repeat(32));
const wrongKey = Key.fromHex("5b".repeat(32));
/** The same suite runs on a real llama-server, whatever its model: LLAMA_SERVER_URL=http://127.0.0.1:8080 */
const live = process.env.LLAMA_SERVER_URL;

/** Marks that any model with some entropy shows in 150 tokens. */
const schemes: readonly [name: string, make: (key: Key) => WatermarkScheme][] = [
  ["gumbel", (k) => gumbel(k)],
  ["synthid", (k) => synthid(k)],
  ["kgw", (k) => kgw(k, { delta: 4, contextWidth: 1 })],
];

const places: readonly (readonly [string, () => Promise<string>])[] = [
  ["fake", async () => (await toyServer()).url],
  ...(live === undefined ? [] : [["live", async () => live] as const]),
];

describe.each(places)("llamaServer on a %s server", (_place, start) => {
  let source: ServerSource;
  let prompt: readonly number[];
  beforeAll(async () => {
    source = llamaServer({ baseURL: await start(), topLogprobs: 50 });
    prompt = await source.encode("The quick brown fox");
  });

  it("tells what the server tells of itself", async () => {
    const { vocabularySize, contextLength, endTokens } = await source.facts();
    expect(vocabularySize).toBeGreaterThan(10);
    expect(contextLength).toBeGreaterThan(100);
    expect(endTokens.length).toBeLessThanOrEqual(1);
    expect(await source.decode(await source.encode("brown fox", { addSpecial: false }))).toContain("brown fox");
  });

  it.each(schemes)(
    "%s: marked text is found under its key, from ids; not under another, and not in unmarked text",
    async (_name, make) => {
      const marked = await write(source, prompt, { scheme: make(key), maxTokens: 150 });
      const tokens = [...prompt, ...marked.tokens];
      const span = { start: prompt.length, promptKnown: true };
      expect(detectTokens(make(key), tokens, span).log10PValue).toBeLessThan(-5);
      expect(detectTokens(make(wrongKey), tokens, span).log10PValue).toBeGreaterThan(-3);
      const plain = await write(source, prompt, { maxTokens: 150 });
      expect(detectTokens(make(key), [...prompt, ...plain.tokens], span).log10PValue).toBeGreaterThan(-3);
    },
  );

  it("writes the same tokens from the same seed with drafts and without, in fewer round trips", async () => {
    const options = { scheme: gumbel(key), maxTokens: 120, temperature: 0.3 };
    const each = await write(source, prompt, { ...options, speculate: false });
    const ahead = await write(source, prompt, options);
    expect(ahead.tokens).toEqual(each.tokens);
    expect(ahead.positions).toEqual(each.positions);
    expect(each.calls).toBe(120);
    // How far it looks ahead by itself depends on the machine's mood.
    const told = await write(source, prompt, { ...options, speculate: { minUse: 0.2 } });
    expect(told.tokens).toEqual(each.tokens);
    expect(told.calls).toBeLessThan(each.calls);
  });

  it("spells: pieces never split a character, and together they are the server's own text of the tokens", async () => {
    const steps: GeneratedToken[] = [];
    const options = { maxTokens: 150, random: seedrandom("spell") };
    for await (const step of generate(source, prompt, options)) steps.push(step);
    const tokens = steps.map(({ token }) => token);
    const pieces = steps.map(({ text }) => text);
    for (const piece of pieces.slice(0, -1)) expect(Buffer.from(piece).toString()).toBe(piece);
    const text = pieces.join("");
    const whole = await source.decode([...prompt, ...tokens]);
    expect(whole.endsWith(text)).toBe(true);
    expect(text.length).toBeGreaterThan(100);
  });
});

describe("llamaServer's questions", () => {
  it("force a plain token by a bias, ask for raw scores by id, keep the slot's cache, and cost one evaluated token each", async () => {
    const server = await toyServer();
    const source = llamaServer({ baseURL: `${server.url}/v1/`, topLogprobs: 20, slot: 1 });
    const prompt = await source.encode("mama");
    const { tokens } = await write(source, prompt, { maxTokens: 5, speculate: false, temperature: 0.7 });
    const asked = server.requests.filter(({ path }) => path === "/completion");
    expect(asked.length).toBe(5);
    for (const [i, { body }] of asked.entries()) {
      expect(body).toMatchObject({
        prompt: [...prompt, ...tokens.slice(0, i)],
        n_predict: 1,
        n_probs: 20,
        id_slot: 1,
        cache_prompt: true,
        temperature: 1,
        samplers: ["temperature"],
      });
      const [[token, bias]] = body.logit_bias as [[number, number]];
      expect(bias).toBe(1e6);
      expect(await source.decode([token])).toMatch(/^ ?[a-z]$/i);
    }
  });

  it("give the raw model's best candidates, in ascending order of their ids", async () => {
    const server = await toyServer();
    const source = llamaServer({ baseURL: server.url, topLogprobs: 30 });
    const prompt = await source.encode("kama");
    const { logits, candidates } = await source.next(prompt);
    expect(candidates!.length).toBe(30);
    expect(Array.from(candidates!)).toEqual(Array.from(candidates!).sort((a, b) => a - b));
    const dense = (await toyLanguage().next(prompt)).logits;
    const logTotal = Math.log(dense.reduce((sum, x) => sum + Math.exp(x), 0));
    const best = [...dense.keys()]
      .sort((a, b) => dense[b]! - dense[a]!)
      .slice(0, 30)
      .sort((a, b) => a - b);
    expect(Array.from(candidates!)).toEqual(best);
    for (const [i, id] of best.entries()) expect(logits[i]).toBeCloseTo(dense[id]! - logTotal, 4);
  });

  it("take a draft up to the first token that the server gave no scores for, and go on from there", async () => {
    const server = await toyServer();
    const source = llamaServer({ baseURL: server.url, topLogprobs: 20 });
    const prompt = await source.encode("ka\n");
    expect(prompt.at(-1)).toBe(LINE_BREAK);
    // Greedily a character of four bytes follows: the server has scores for its last byte and what comes behind, none for the others.
    expect(await source.draft!(prompt, 6)).toEqual([]);
    const { logits, candidates } = await source.next(prompt);
    const lead = VOCABULARY_SIZE - 258 + 0xf0;
    expect(logits[Array.from(candidates!).indexOf(lead)]).toBe(Math.max(...logits));
    // Behind a draft's first positions the gap ends it.
    const before = await source.draft!([...prompt.slice(0, -1), 9, LINE_BREAK, lead, lead + 1 - 0xf0 + 0x9e], 3);
    expect(before.length).toBe(3);
    const scheme = gumbel(key, { contextWidth: 2 });
    const options = { scheme, maxTokens: 200, temperature: 0.8 };
    const ahead = await write(source, prompt, options);
    expect(ahead.tokens).toEqual((await write(source, prompt, { ...options, speculate: false })).tokens);
    expect(ahead.text).toContain("👋");
  });

  it("end at the server's end token, which has no text", async () => {
    const source = llamaServer({ baseURL: (await toyServer()).url });
    const { endTokens } = await source.facts();
    expect(endTokens).toEqual([VOCABULARY_SIZE - 1]);
    const ending = { ...source, next: async () => ({ logits: Float32Array.of(0), candidates: endTokens }) };
    const { draft: _, ...single } = ending;
    await source.next([1, 2]);
    const all = llamaServer({ baseURL: source.address, topLogprobs: VOCABULARY_SIZE });
    await all.next([1, 2]);
    const summary = await write({ ...single, createDetokenizer: (before) => all.createDetokenizer!(before) }, [1], {
      maxTokens: 5,
      stopTokens: endTokens,
    });
    expect(summary).toMatchObject({ finishReason: "stop", stoppedBy: endTokens[0], text: "" });
  });

  it("let text be detected as text too, through the server's own tokenizer", async () => {
    const server = await toyServer();
    const source = llamaServer({ baseURL: server.url });
    const prompt = await source.encode("mama");
    const scheme = gumbel(key, { contextWidth: 2 });
    const { text } = await write(source, prompt, { scheme, maxTokens: 250 });
    const ids = await source.encode(text!, { addSpecial: false });
    const tokenizer = { encode: () => ids, decode: () => text! };
    expect(detectText(scheme, text!, tokenizer).log10PValue).toBeLessThan(-5);
  });

  it.each([
    [{ topLogprobs: 1 }, /topLogprobs: wanted an integer of at least 2/],
    [{ topLogprobs: 2.5 }, /topLogprobs/],
    [{ slot: -1 }, /slot: wanted an integer of at least 0, got -1/],
    [{ retries: Number.NaN }, /retries: wanted a number of at least 0/],
    [{ baseURL: "nonsense" }, /baseURL: wanted an address such as/],
    [{ baseURL: "ftp://host/" }, /baseURL: wanted http or https, got ftp/],
    [{ baseURL: "http://me:secret@host/" }, /baseURL: wanted an address without a password/],
    [{ baseURL: "http://host/?token=secret" }, /baseURL: wanted an address without \?/],
    [{ apiKey: "sk-secret\nline" }, /apiKey: wanted printable ASCII/],
    [{ apiKey: "sk-sécret" }, /apiKey: wanted printable ASCII/],
    [{ timeoutMs: 1e10 }, /timeoutMs: wanted a number of at most 2147483647/],
  ])("refuse %j before anything is sent", (options, message) => {
    const make = () => llamaServer({ baseURL: "http://127.0.0.1:1", ...options });
    expect(make).toThrow(message);
    expect(make).not.toThrow(/secret/);
  });
});
