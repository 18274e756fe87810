import { AutoModelForCausalLM, AutoTokenizer, Tensor } from "@huggingface/transformers";
import { beforeAll, describe, expect, test } from "vitest";
import { createReader } from "../src/index.ts";
import { dtype, modelFolder } from "./model-folder.ts";

let model: Awaited<ReturnType<typeof AutoModelForCausalLM.from_pretrained>>;
let tokens: number[];
beforeAll(async () => {
  model = await AutoModelForCausalLM.from_pretrained(modelFolder, { dtype });
  const tokenizer = await AutoTokenizer.from_pretrained(modelFolder);
  const story =
    "Once upon a time there was a little girl who lived in a house by the sea. She had a dog and a red ball. ";
  tokens = tokenizer.encode(story.repeat(4), { add_special_tokens: false }).slice(0, 100);
});

async function collect(scores: AsyncIterable<Float32Array>): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for await (const row of scores) rows.push(row.slice());
  return rows;
}

describe("createReader", () => {
  test("item i is what the model says after tokens[0…i]", async () => {
    const rows = await collect(createReader(model).read(tokens));
    expect(rows).toHaveLength(tokens.length);
    for (const i of [0, 1, 40, tokens.length - 1]) {
      const dims = [1, i + 1];
      const { logits } = await model({
        input_ids: new Tensor("int64", BigInt64Array.from(tokens.slice(0, i + 1), BigInt), dims),
        attention_mask: new Tensor("int64", new BigInt64Array(i + 1).fill(1n), dims),
      });
      const expected = (logits.data as Float32Array).slice(-rows[i]!.length);
      expect(Math.max(...rows[i]!.map((score, j) => Math.abs(score - expected[j]!)))).toBeLessThan(1e-3);
    }
  });

  test("a text longer than the window gets one row a token, each from at least half a window", async () => {
    const whole = await createReader(model).logProbabilities(tokens);
    const windowed = await createReader(model, { contextLength: 32 }).logProbabilities(tokens);
    expect(windowed).toHaveLength(tokens.length);
    for (let i = 1; i < 32; i++) expect(windowed[i]).toBeCloseTo(whole[i]!, 3);
    const mean = (values: Float64Array): number =>
      values.slice(1).reduce((sum, value) => sum + value, 0) / (tokens.length - 1);
    expect(Math.abs(mean(windowed) - mean(whole))).toBeLessThan(1);
    expect(windowed.slice(1).every((value) => value <= 0)).toBe(true);
  });

  test("entropies and log-probabilities are those of softmax; the first token has a law only behind a begin token", async () => {
    const reader = createReader(model);
    const [entropies, logs, rows] = await Promise.all([
      reader.entropies(tokens, { temperature: 0.7 }),
      reader.logProbabilities(tokens),
      collect(reader.read(tokens)),
    ]);
    expect(entropies[0]).toBeNaN();
    for (const i of [1, 17, 99]) {
      const scores = Array.from(rows[i - 1]!);
      const law = (temperature: number): number[] => {
        const weights = scores.map((score) => Math.exp((score - Math.max(...scores)) / temperature));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        return weights.map((weight) => weight / total);
      };
      const entropy = law(0.7).reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
      expect(entropies[i]).toBeCloseTo(entropy, 6);
      expect(logs[i]).toBeCloseTo(Math.log(law(1)[tokens[i]!]!), 5);
    }
    const begun = await createReader(model, { beginToken: 1 }).entropies(tokens.slice(0, 5));
    expect(begun.every((value) => value >= 0)).toBe(true);
  });

  test("perplexity is lower on a text than on the same tokens shuffled", async () => {
    const reader = createReader(model);
    const shuffled = tokens.map((_, i) => tokens[(i * 37) % tokens.length]!);
    expect(await reader.perplexity(tokens)).toBeLessThan(await reader.perplexity(shuffled));
  });
});
