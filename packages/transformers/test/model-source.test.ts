import type { LogitSource } from "@tokenmark/core";
import { generate, gumbel, Key } from "@tokenmark/core";
import seedrandom from "seedrandom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGenerator, type Generator } from "../src/index.ts";
import { createModelSource } from "../src/model-source.ts";
import { dtype, modelFolder } from "./model-folder.ts";

let generator: Generator;
let prompt: readonly number[];
beforeAll(async () => {
  generator = await createGenerator(modelFolder, { dtype });
  prompt = generator.tokenizer.encodePrompt("One day, a little girl went to the");
});
afterAll(() => generator.dispose());

/** Two answers agree if their probabilities do, up to what an int8 model's arithmetic makes of another split of the same tokens. */
function distance(a: Float32Array, b: Float32Array): number {
  const softmax = (x: Float32Array): Float64Array => {
    const max = x.reduce((m, v) => Math.max(m, v), Number.NEGATIVE_INFINITY);
    const weights = Float64Array.from(x, (v) => Math.exp(v - max));
    const total = weights.reduce((sum, w) => sum + w, 0);
    return weights.map((w) => w / total);
  };
  const [p, q] = [softmax(a), softmax(b)];
  return p.reduce((sum, value, i) => sum + Math.abs(value - q[i]!), 0) / 2;
}

async function ask(source: LogitSource, tokens: readonly number[]): Promise<Float32Array> {
  return (await source.next(tokens)).logits.slice();
}

describe("createModelSource", () => {
  it("answers a sequence that goes on, one that branches off and one that starts over as if each were new", async () => {
    const { source } = generator;
    const fresh = async (tokens: readonly number[]): Promise<Float32Array> => {
      await source.next([tokens[0]! === 3 ? 4 : 3]);
      return ask(source, tokens);
    };
    const sequences = [
      prompt,
      [...prompt, 11],
      [...prompt, 11, 12, 13],
      [...prompt, 11, 12, 14, 15],
      [...prompt, 11],
      prompt,
      prompt.slice(0, 2),
      [...prompt, 9],
    ];
    const expected: Float32Array[] = [];
    for (const tokens of sequences) expected.push(await fresh(tokens));
    for (const [i, tokens] of sequences.entries()) {
      const logits = await ask(source, tokens);
      expect(logits.length).toBe(generator.vocabularySize);
      expect(distance(logits, expected[i]!)).toBeLessThan(0.05);
      for (const [j, other] of expected.entries()) {
        if (String(sequences[j]) !== String(tokens)) expect(distance(logits, other)).toBeGreaterThan(0.05);
      }
    }
  });

  it("answers the tokens as they were when it was asked, also while another question is under way", async () => {
    const { source } = generator;
    const expected = await ask(source, prompt);
    const growing = [...prompt];
    const before = source.next(prompt.slice(0, 2));
    const answer = source.next(growing);
    growing.push(11, 12, 13);
    await before;
    expect(distance((await answer).logits, expected)).toBeLessThan(0.05);
  });

  it("writes through core's generate what the generator writes, text and tokens, under the same seed", async () => {
    const scheme = gumbel(Key.fromHex("21".repeat(32)));
    const host = await generator.generate("One day, a little girl went to the", {
      scheme,
      maxTokens: 40,
      seed: 5,
      endTokens: [],
    });
    let text = "";
    const tokens: number[] = [];
    for await (const step of generate(generator.source, prompt, { scheme, maxTokens: 40, random: seedrandom("5") })) {
      text += step.text;
      tokens.push(step.token);
    }
    expect(tokens).toEqual(host.tokens);
    expect(text).toBe(host.text);
  });

  it("lets questions wait for each other", async () => {
    const { source } = generator;
    await source.next([3]);
    const alone = [await ask(source, prompt), await ask(source, [...prompt, 11])];
    await source.next([3]);
    const together = await Promise.all([ask(source, prompt), ask(source, [...prompt, 11])]);
    expect(together).toEqual(alone);
  });

  it("refuses no tokens, more than the model has positions for, and work that was called off", async () => {
    const { source } = generator;
    await expect(source.next([])).rejects.toMatchObject({ code: "bad-argument" });
    const short = createModelSource(async () => Promise.reject(new Error("not reached")), {
      name: "short",
      contextLength: 4,
    });
    await expect(short.next([1, 2, 3, 4, 5])).rejects.toMatchObject({ code: "too-long" });
    await expect(source.next(prompt, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    expect((await ask(source, prompt)).length).toBe(generator.vocabularySize);
  });
});
