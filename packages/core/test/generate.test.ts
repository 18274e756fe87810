import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import {
  dualGumbel,
  type GenerateOptions,
  generate,
  gumbel,
  Key,
  kgw,
  type LogitSource,
  synthid,
  unigram,
} from "../src/index.ts";

const key = Key.fromHex("17".repeat(32));
const V = 60;

/** Scores that depend on the last token only; sparse: only the 25 best, by id. */
function source(sparse = false): LogitSource {
  return {
    name: "last-token",
    async next(tokens) {
      const logits = Float32Array.from({ length: V }, (_, i) => 2 * Math.sin(i * 1.7 + (tokens.at(-1) ?? 0)));
      if (!sparse) return { logits };
      const candidates = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, 25);
      return { logits: Float32Array.from(candidates, (i) => logits[i]!), candidates };
    },
  };
}

async function collect(from: LogitSource, prompt: readonly number[], options: GenerateOptions) {
  const stream = generate(from, prompt, options);
  const tokens: number[] = [];
  for (;;) {
    const step = await stream.next();
    if (step.done) return { tokens, summary: step.value };
    tokens.push(step.value.token);
  }
}

const schemes = [kgw(key), unigram(key), synthid(key), gumbel(key), dualGumbel(key)];

describe("generate", () => {
  it.each(schemes.map((scheme) => [scheme.name, scheme] as const))(
    "%s: the same seed writes the same tokens, and a summary that adds up",
    async (_name, scheme) => {
      const run = () => collect(source(), [1, 2, 3, 4, 5], { scheme, maxTokens: 120, random: seedrandom("g") });
      const [a, b] = [await run(), await run()];
      expect(a).toEqual(b);
      expect(a.summary.tokens).toEqual(a.tokens);
      expect(a.summary.finishReason).toBe("length");
      expect(Object.values(a.summary.outcomes).reduce((x, y) => x + y)).toBe(120);
      expect(a.summary.outcomes.marked).toBeGreaterThan(0);
    },
  );

  it.each(schemes.map((scheme) => [scheme.name, scheme] as const))(
    "%s: sparse candidates write what the dense top-k writes",
    async (_name, scheme) => {
      const options = { scheme, maxTokens: 60, topK: 25 };
      const dense = await collect(source(), [1, 2, 3, 4], { ...options, random: seedrandom("s") });
      const sparse = await collect(source(true), [1, 2, 3, 4], { ...options, random: seedrandom("s") });
      expect(sparse.tokens).toEqual(dense.tokens);
    },
  );

  it("ends with the stop token, which is yielded", async () => {
    const { tokens, summary } = await collect(source(), [1], {
      maxTokens: 5000,
      stopTokens: [7, 8, 9],
      random: seedrandom("stop"),
    });
    expect(summary.finishReason).toBe("stop");
    expect([7, 8, 9]).toContain(tokens.at(-1));
    expect(tokens.slice(0, -1).some((token) => [7, 8, 9].includes(token))).toBe(false);
    expect(summary.outcomes).toEqual({ "no-scheme": tokens.length });
  });

  it("stops when aborted and says after how many tokens", async () => {
    const controller = new AbortController();
    const stream = generate(source(), [1], { maxTokens: 50, random: seedrandom("a"), signal: controller.signal });
    await stream.next();
    controller.abort();
    await expect(stream.next()).rejects.toMatchObject({
      code: "aborted",
      message: expect.stringContaining("after 1 tokens"),
    });
  });

  it("refuses greedy decoding for marks that live in the draw, and marks greedy text with kgw", async () => {
    for (const scheme of [synthid(key), gumbel(key), dualGumbel(key)]) {
      await expect(collect(source(), [1], { scheme, maxTokens: 1, greedy: true })).rejects.toMatchObject({
        code: "needs-sampling",
      });
    }
    for (const scheme of schemes) {
      await expect(
        collect(source(), [1], { scheme, maxTokens: 1, topK: 1, random: Math.random }),
      ).rejects.toMatchObject({ code: "needs-sampling" });
    }
    const scheme = kgw(key, { delta: 5, contextWidth: 1 });
    const marked = await collect(source(), [1, 2, 3], { scheme, maxTokens: 40, greedy: true });
    const plain = await collect(source(), [1, 2, 3], { maxTokens: 40, greedy: true });
    expect(marked.tokens).not.toEqual(plain.tokens);
  });

  it("refuses a maxTokens that is no positive integer", async () => {
    for (const maxTokens of [0, -1, 1.5, Number.NaN]) {
      await expect(collect(source(), [1], { maxTokens, random: Math.random })).rejects.toMatchObject({
        code: "bad-argument",
      });
    }
  });
});
