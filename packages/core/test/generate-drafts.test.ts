import fc from "fast-check";
import seedrandom from "seedrandom";
import { describe, expect, it, vi } from "vitest";
import { createCallTiming } from "../src/generation/call-timing.ts";
import {
  type DraftStep,
  dualGumbel,
  type GenerateOptions,
  type GenerationSummary,
  generate,
  gumbel,
  Key,
  kgw,
  type LogitSource,
  type NextLogits,
  synthid,
  unigram,
} from "../src/index.ts";

const key = Key.fromHex("17".repeat(32));
const V = 40;

interface Counted extends LogitSource {
  /** Questions as (length of the sequence, positions asked for). */
  readonly asked: [number, number][];
}

/** Scores that depend on the last two tokens, drafts that may come short. One token stands out by `sharpness` nats. */
function draftingSource(sharpness: number, short: (count: number) => number = (count) => count): Counted {
  const asked: [number, number][] = [];
  const scores = (tokens: readonly number[]): NextLogits => {
    const [last, before] = [tokens.at(-1) ?? 0, tokens.at(-2) ?? 0];
    const logits = Float32Array.from({ length: V }, (_, i) => Math.sin(i * 1.7 + last + 3 * before));
    const favourite = (7 * last + before) % V;
    logits[favourite] = logits[favourite]! + sharpness;
    return { logits };
  };
  return {
    name: "drafting",
    asked,
    async next(tokens) {
      asked.push([tokens.length, 1]);
      return scores(tokens);
    },
    async draft(tokens, count) {
      asked.push([tokens.length, count]);
      const steps: DraftStep[] = [];
      const text = [...tokens];
      while (steps.length < short(count)) {
        const { logits } = scores(text);
        const token = logits.indexOf(Math.max(...logits));
        steps.push({ logits, token });
        text.push(token);
      }
      return steps;
    },
  };
}

async function write(source: LogitSource, options: GenerateOptions): Promise<GenerationSummary> {
  const stream = generate(source, [1, 2, 3, 4, 5], options);
  for (;;) {
    const step = await stream.next();
    if (step.done) return step.value;
  }
}

const schemes = [kgw(key), unigram(key), synthid(key), gumbel(key), dualGumbel(key), undefined];

describe("generate with drafts", () => {
  it.each(schemes.map((scheme) => [scheme?.name ?? "no scheme", scheme] as const))(
    "%s: writes the tokens that asking each position writes, for any seed, sharpness and shortness of the drafts",
    async (_name, scheme) => {
      await fc.assert(
        fc.asyncProperty(
          fc.string(),
          fc.double({ min: 0.1, max: 30, noNaN: true }),
          fc.integer({ min: 0, max: 5 }),
          fc.record({
            maxLength: fc.integer({ min: 1, max: 20 }),
            minUse: fc.double({ min: 0.01, max: 0.9, noNaN: true }),
          }),
          async (seed, sharpness, most, speculate) => {
            const options = { maxTokens: 40, temperature: 0.7, ...(scheme ? { scheme } : {}) };
            const each = await write(draftingSource(sharpness), {
              ...options,
              speculate: false,
              random: seedrandom(seed),
            });
            const source = draftingSource(sharpness, (count) => Math.min(count, most));
            const ahead = await write(source, { ...options, speculate, random: seedrandom(seed) });
            expect(ahead.tokens).toEqual(each.tokens);
            expect(ahead.positions).toEqual(each.positions);
            expect(ahead.calls).toBe(source.asked.length);
            expect(each.calls).toBe(40);
            // Never past the text's end, never twice for the same position unless the draft came back empty.
            for (const [length, count] of source.asked) expect(length + count).toBeLessThanOrEqual(45);
            if (most > 0) expect(ahead.calls).toBeLessThanOrEqual(40);
          },
        ),
        { numRuns: 25 },
      );
    },
  );

  it("asks far less where the source is sure of itself, and hardly ahead where it is not", async () => {
    const speculate = { minUse: 0.2 };
    const options = { scheme: gumbel(key), maxTokens: 200, speculate };
    const sure = await write(draftingSource(12), { ...options, random: seedrandom("s") });
    expect(sure.calls).toBeLessThan(50);
    expect(sure.used).toBe(200 - sure.calls);
    const flat = await write(draftingSource(0), { ...options, random: seedrandom("s") });
    expect(flat.calls).toBeLessThanOrEqual(200);
    // Hardly a draft of such a source is of use, and it is soon no longer asked for one.
    expect(flat.drafted).toBeLessThan(60);
  });

  it("learns from how long questions take whether a position is dear or cheap beside a question", () => {
    const random = seedrandom("timing");
    const learn = (question: number, position: number, outliers = 0) => {
      const timing = createCallTiming();
      timing.observe(1, 5000);
      for (let i = 0; i < 60; i++) {
        const count = 1 + Math.floor(random() * 6);
        timing.observe(count, question + count * position + random() + (i % 20 === 15 ? outliers : 0));
      }
      return timing.shareOfPosition!;
    };
    expect(learn(100, 2)).toBeCloseTo(2 / 102, 1);
    expect(learn(5, 20)).toBeCloseTo(20 / 25, 1);
    expect(learn(20, 20, 10_000)).toBeCloseTo(0.5, 1);
    const early = createCallTiming();
    for (let i = 0; i < 5; i++) early.observe(1 + (i % 2), 10);
    expect(early.shareOfPosition).toBeNull();
    const same = createCallTiming();
    for (let i = 0; i < 50; i++) same.observe(1, 10);
    expect(same.shareOfPosition).toBeNull();
  });

  it("drafts less for a source that is slow a position and quick to answer than where it is the other way round", async () => {
    const timed = (question: number, position: number): Counted => {
      const source = draftingSource(3);
      const after = async <T>(ms: number, answer: () => Promise<T>): Promise<T> => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return answer();
      };
      return {
        ...source,
        next: (tokens) => after(question + position, () => source.next(tokens)),
        draft: (tokens, count) => after(question + count * position, () => source.draft!(tokens, count)),
      };
    };
    const options = { scheme: gumbel(key), maxTokens: 200 };
    vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
    try {
      const dear = write(timed(1, 40), { ...options, random: seedrandom("d") });
      const cheap = write(timed(40, 1), { ...options, random: seedrandom("d") });
      await vi.runAllTimersAsync();
      expect((await dear).tokens).toEqual((await cheap).tokens);
      expect((await dear).drafted).toBeLessThan((await cheap).drafted / 2);
      expect((await cheap).calls).toBeLessThan((await dear).calls);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([0, 1 / 3, 1 / 2, 2 / 3])(
    "costs at most a twentieth more round trips than asking each position, however many drafts come back empty (%d come back)",
    async (share) => {
      for (const sharpness of [0, 2, 12]) {
        let drafts = 0;
        // Long drafts are empty in turn; what a character's bytes do to llama.cpp's.
        const source = draftingSource(sharpness, (count) =>
          Math.floor(++drafts * share) > (drafts - 1) * share ? count : 0,
        );
        const { calls, tokens } = await write(source, { scheme: gumbel(key), maxTokens: 400, random: seedrandom("e") });
        expect(tokens.length).toBe(400);
        expect(calls).toBeLessThanOrEqual(1.05 * 400 + 1);
      }
    },
  );

  it("leaves a source alone that cannot draft, and one that must not be asked to", async () => {
    const source = draftingSource(5);
    await write(source, { maxTokens: 20, speculate: false, random: seedrandom("n") });
    expect(source.asked.every(([, count]) => count === 1)).toBe(true);
    const { draft: _left, ...plain } = draftingSource(5);
    expect(await write(plain, { maxTokens: 20, random: seedrandom("n") })).toMatchObject({ calls: 20, drafted: 0 });
  });

  it("refuses settings of the draft that mean nothing", async () => {
    for (const speculate of [
      { maxLength: 0 },
      { maxLength: 1.5 },
      { minUse: 0 },
      { minUse: 1 },
      { minUse: Number.NaN },
    ]) {
      await expect(write(draftingSource(1), { maxTokens: 5, random: Math.random, speculate })).rejects.toMatchObject({
        code: "bad-argument",
        message: expect.stringContaining("speculate."),
      });
    }
  });
});
