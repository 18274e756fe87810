import { chiSquareTest, holm } from "@tokenmark/stats";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import {
  createLogitsProcessor,
  createSampler,
  defineScheme,
  dualGumbel,
  gumbel,
  Key,
  kgw,
  synthid,
  type WatermarkScheme,
} from "../src/index.ts";

const V = 4;
const LENGTH = 4;
const KEYS = 12_000;
const PROMPTS = [[0], [1, 2], [3, 3, 1]];

// A model over four tokens whose law depends on the last token: contexts of width 1 repeat all the time.
const weights = seedrandom("model");
const LOGITS = Array.from({ length: V }, () => Float32Array.from({ length: V }, () => 3 * weights() - 1.5));
const LAW = LOGITS.map((row) => {
  const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
  return [...row].map((x) => Math.exp(x) / total);
});

/** Exact probability of every sequence of LENGTH tokens after a prompt, in the order of their base-V numbers. */
function sequenceLaw(prompt: readonly number[]): number[] {
  return Array.from({ length: V ** LENGTH }, (_, cell) => {
    let last = prompt.at(-1)!;
    let probability = 1;
    for (let i = LENGTH - 1; i >= 0; i--) {
      const token = Math.floor(cell / V ** i) % V;
      probability *= LAW[last]![token]!;
      last = token;
    }
    return probability;
  });
}

/**
 * How often each sequence is written, under a fresh key each time. Every `turn` tokens the conversation turns: what was written is
 * prompt from then on, under the same key.
 */
function sequenceCounts(
  makeScheme: (key: Key) => WatermarkScheme,
  prompt: readonly number[],
  seed: string,
  turn: number,
): Float64Array {
  const random = seedrandom(seed);
  const sampler = createSampler({ random });
  const counts = new Float64Array(V ** LENGTH);
  for (let k = 0; k < KEYS; k++) {
    const secret = Array.from({ length: 8 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, "0"),
    ).join("");
    const scheme = makeScheme(Key.fromHex(secret));
    const tokens = [...prompt];
    let processor = createLogitsProcessor(scheme, { promptLength: prompt.length, random });
    let cell = 0;
    for (let i = 0; i < LENGTH; i++) {
      if (i > 0 && i % turn === 0) processor = createLogitsProcessor(scheme, { promptLength: tokens.length, random });
      const apply = (logits: Float32Array, candidates?: ArrayLike<number>): void =>
        void processor.mark(logits, tokens, candidates);
      const token = sampler.sample(LOGITS[tokens.at(-1)!]!.slice(), { mark: { stage: processor.scheme.stage, apply } });
      tokens.push(token);
      cell = cell * V + token;
    }
    counts[cell]! += 1;
  }
  return counts;
}

function pValues(makeScheme: (key: Key) => WatermarkScheme, seed: string, turn = LENGTH): number[] {
  return PROMPTS.map((prompt) => {
    const expected = sequenceLaw(prompt).map((p) => p * KEYS);
    return chiSquareTest(sequenceCounts(makeScheme, prompt, `${seed}/${turn}/${prompt}`, turn), expected, {
      minExpected: 5,
    }).pValue;
  });
}

const CLAIMS: readonly (readonly [string, (key: Key) => WatermarkScheme])[] = [
  ["synthid", (key) => synthid(key, { contextWidth: 1 })],
  ["gumbel", (key) => gumbel(key, { contextWidth: 1 })],
  ["dual-gumbel, share .3", (key) => dualGumbel(key, { contextWidth: 1, shareB: 0.3 })],
];

describe(`distortion-free: whole sequences of ${LENGTH} tokens, guard on, ${PROMPTS.length} prompts, ${KEYS} keys each`, () => {
  it("keeps the model's own law for every scheme that claims it, in one turn and over two, the first being the second's prompt (chi-square over 256 sequences, Holm, false alarm 1e-3)", () => {
    const cells = CLAIMS.flatMap(([name, make]) =>
      [LENGTH, 2].flatMap((turn) => pValues(make, name, turn).map((p) => ({ name, turn, p }))),
    );
    for (const [, make] of CLAIMS) expect(make(Key.random()).distortionFree).toBe(true);
    const adjusted = holm(cells.map(({ p }) => p));
    expect(cells.filter((_, i) => adjusted[i]! < 1e-3)).toEqual([]);
  });

  it("has the power to refuse: without the guard, with one that forgets the prompt, for a tournament of 3 leaves and for a scheme that biases, the same test rejects", () => {
    const unguarded = (key: Key): WatermarkScheme => {
      const scheme = gumbel(key, { contextWidth: 1 });
      return defineScheme(
        { ...scheme, repeats: { kind: "none" } },
        {
          seed(tokens, from) {
            context[0] = tokens[from]!;
          },
          score: () => 0,
          parts() {},
          unit() {},
          mark: (logits) => scheme.process(logits, context),
        },
      );
    };
    const context = new Int32Array(1);
    expect(Math.min(...pValues(unguarded, "unguarded"))).toBeLessThan(1e-9);
    const forgetful = (key: Key): WatermarkScheme => ({
      ...gumbel(key, { contextWidth: 1 }),
      repeats: { kind: "contexts", scope: "generated", history: null, counts: "positions" },
    });
    expect(Math.min(...pValues(forgetful, "forgetful", 2))).toBeLessThan(1e-9);
    expect(kgw(Key.random()).distortionFree).toBe(false);
    expect(synthid(Key.random(), { leaves: 3 }).distortionFree).toBe(false);
    expect(Math.min(...pValues((key) => synthid(key, { contextWidth: 1, leaves: 3 }), "leaves"))).toBeLessThan(1e-9);
    expect(Math.min(...pValues((key) => kgw(key, { contextWidth: 1, delta: 1 }), "kgw"))).toBeLessThan(1e-9);
  });
});
