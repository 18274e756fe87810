import fc from "fast-check";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { createSampler, TokenmarkError } from "../src/index.ts";
import { createTruncator } from "../src/sampling/truncation.ts";

/** Truncation as its definition reads: sort everything, then cut. */
function reference(logits: Float32Array, topK: number, topP: number, minP: number): number[] {
  let order = [...logits.keys()].filter((i) => logits[i] !== Number.NEGATIVE_INFINITY);
  order.sort((a, b) => logits[b]! - logits[a]! || a - b);
  if (topK > 0) order = order.slice(0, topK);
  const weight = (i: number): number => Math.exp(logits[i]! - logits[order[0]!]!);
  const total = order.reduce((sum, i) => sum + weight(i), 0);
  if (topP < 1) {
    let sum = 0;
    order = order.filter((i) => {
      const keep = sum < topP * total;
      sum += weight(i);
      return keep;
    });
  }
  return order.filter((i, rank) => rank === 0 || minP === 0 || weight(i) >= minP);
}

const anyLogits = fc
  .array(
    fc.oneof(
      fc.integer({ min: -40, max: 40 }).map((x) => x / 4),
      fc.constant(Number.NEGATIVE_INFINITY),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .filter((list) => list.some(Number.isFinite))
  .map((list) => Float32Array.from(list));

describe("truncation", () => {
  it("keeps what sorting everything and cutting keeps, ties to the lower index", () => {
    fc.assert(
      fc.property(
        anyLogits,
        fc.constantFrom(0, 1, 3, 10, 1000),
        fc.constantFrom(1, 0.95, 0.5, 0.01),
        fc.constantFrom(0, 0.05, 0.3),
        (logits, k, p, m) => {
          const { count, indices, logits: kept } = createTruncator({ topK: k, topP: p, minP: m })(logits);
          const wanted = reference(logits, k, p, m);
          expect([...indices.subarray(0, count)]).toEqual(wanted);
          expect([...kept.subarray(0, count)]).toEqual(wanted.map((i) => logits[i]));
        },
      ),
      { numRuns: 3000, seed: 7 },
    );
  });
});

/** Draws n tokens of fixed logits. */
function frequencies(options: Parameters<typeof createSampler>[0], logits: readonly number[], n: number): number[] {
  const sampler = createSampler(options);
  const counts = new Array<number>(logits.length).fill(0);
  for (let i = 0; i < n; i++) counts[sampler.sample(Float32Array.from(logits))]! += 1;
  return counts.map((count) => count / n);
}

describe("createSampler", () => {
  it("draws by the softmax of logits over temperature (20,000 draws, five standard errors)", () => {
    const logits = [1, 0, -1, 2, Number.NEGATIVE_INFINITY];
    const temperature = 0.7;
    const weights = logits.map((x) => Math.exp(x / temperature));
    const total = weights.reduce((a, b) => a + b);
    const seen = frequencies({ temperature, random: seedrandom("draw") }, logits, 20_000);
    for (const [i, weight] of weights.entries()) {
      const p = weight / total;
      expect(Math.abs(seen[i]! - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / 20_000));
    }
  });

  it("takes the best token when greedy, the lower id in a tie, and spends no randomness", () => {
    const sampler = createSampler({ greedy: true });
    expect(sampler.sample(Float32Array.of(0, 3, 3, 1))).toBe(1);
    expect(sampler.sample(Float32Array.of(0, 3), { candidates: [17, 42] })).toBe(42);
  });

  it("names tokens by their candidates through every truncation", () => {
    const random = seedrandom("names");
    const sampler = createSampler({ topK: 2, topP: 0.9, minP: 0.01, random });
    for (let i = 0; i < 50; i++)
      expect([30, 20]).toContain(sampler.sample(Float32Array.of(0, 5, 4.5, -3), { candidates: [10, 20, 30, 40] }));
  });

  it.each([
    ["before-truncation", [0, 1, 2, 3, 4, 5, 6, 7]],
    ["after-truncation", [7, 6, 5]],
  ] as const)("applies a %s mark to the tokens of that stage", (stage, wanted) => {
    const sampler = createSampler({ topK: 3, random: seedrandom("stage") });
    let seen: number[] = [];
    const apply = (logits: Float32Array, candidates?: ArrayLike<number>): void => {
      seen = Array.from(logits, (_, i) => (candidates === undefined ? i : candidates[i]!));
    };
    sampler.sample(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7), { mark: { stage, apply } });
    expect(seen).toEqual(wanted);
  });

  it("spends no random number on a certain choice", () => {
    let calls = 0;
    const sampler = createSampler({ random: () => ++calls / 10 });
    expect(sampler.sample(Float32Array.of(Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY))).toBe(1);
    expect(calls).toBe(0);
  });

  it("takes any temperature above 0 and any topK: tiny ones overflow nothing, huge ones allocate nothing", () => {
    const sampler = createSampler({ temperature: 1e-38, topK: Number.MAX_SAFE_INTEGER, random: seedrandom("cold") });
    expect(sampler.sample(Float32Array.of(-9, -7, -5))).toBe(2);
  });

  it("never draws a token of probability zero, even when random() returns almost 1", () => {
    const sampler = createSampler({ random: () => 1 - 2 ** -53 });
    expect(sampler.sample(Float32Array.of(1, 0, Number.NEGATIVE_INFINITY, -2000))).toBe(1);
  });

  it.each([
    [{}, "no-random"],
    [{ temperature: 0, random: Math.random }, "bad-argument"],
    [{ temperature: Number.NaN, random: Math.random }, "bad-argument"],
    [{ topK: -1, random: Math.random }, "bad-argument"],
    [{ topK: 1.5, random: Math.random }, "bad-argument"],
    [{ topP: 0, random: Math.random }, "bad-argument"],
    [{ topP: 1.1, random: Math.random }, "bad-argument"],
    [{ minP: 1, random: Math.random }, "bad-argument"],
  ])("refuses %o", (options, code) => {
    expect(() => createSampler(options)).toThrow(expect.objectContaining({ name: "TokenmarkError", code }));
  });

  it.each([
    [[Number.NaN, 1], "nan-logits"],
    [[Number.POSITIVE_INFINITY, 1], "nan-logits"],
    [[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY], "all-masked"],
    [[], "bad-logits"],
  ])("refuses logits %o", (logits, code) => {
    const sampler = createSampler({ random: Math.random });
    expect(() => sampler.sample(Float32Array.from(logits))).toThrow(expect.objectContaining({ code }));
    expect(() => sampler.sample(Float32Array.from(logits))).toThrow(TokenmarkError);
  });
});
