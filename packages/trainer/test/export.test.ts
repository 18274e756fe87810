import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportModel } from "../src/export/export-model.ts";
import { buildInferenceGraph } from "../src/export/inference-graph.ts";
import { readModelFolder } from "../src/export/read-model-folder.ts";
import { type ExportedModel, loadExportedModel } from "../src/measure/exported-model.ts";
import type { ModelConfig } from "../src/model/model-config.ts";
import { parameterSpecs, type Weights } from "../src/model/parameters.ts";
import { createBpeTokenizer } from "../src/tokenizer/bpe-tokenizer.ts";
import { trainBpe } from "../src/tokenizer/train-bpe.ts";
import { openSession } from "../src/training/session.ts";
import { buildLogitsGraph } from "../src/training/step-graph.ts";
import { train } from "../src/training/train.ts";
import { TOY_TEXT } from "./toy-text.ts";

const config: ModelConfig = { vocabSize: 300, layers: 2, width: 16, heads: 2, hidden: 24, context: 16 };
const vocabulary = trainBpe([TOY_TEXT], config.vocabSize);
const tokenizer = createBpeTokenizer(vocabulary);
const tokens = tokenizer.encode(TOY_TEXT);
const window = tokens.slice(3, 3 + config.context);
const folder = mkdtempSync(join(tmpdir(), "export-"));
let weights: Weights;
let trained: Float32Array;

beforeAll(async () => {
  const learningRate = { peak: 1e-2, warmup: 5, finalFraction: 0.1 };
  ({ weights } = await train(config, { tokens }, { batch: 4, steps: 60, seed: "e", threads: 1, learningRate }));
  const session = await openSession(buildLogitsGraph(config, 1), 1);
  const parameters = parameterSpecs(config).map(({ name, shape }) => [
    name,
    new Tensor("float32", weights.get(name)!, [...shape]),
  ]);
  const out = await session.run({ ...Object.fromEntries(parameters), ids: int64(window, [config.context]) });
  trained = out.logits!.data as Float32Array;
  exportModel(folder, config, weights, vocabulary, { storages: ["fp32", "int8"] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function int64(values: readonly number[], shape: number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(values, BigInt), shape);
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe("the exported graph", () => {
  const width = config.width / config.heads;
  type Cache = Record<string, Tensor>;
  const emptyCache = (): Cache =>
    Object.fromEntries(
      [0, 1].flatMap((layer) =>
        ["key", "value"].map((part) => [
          `past_key_values.${layer}.${part}`,
          new Tensor("float32", new Float32Array(0), [1, config.heads, 0, width]),
        ]),
      ),
    );

  test("gives the training graph's logits within 1e-4", async () => {
    const session = await InferenceSession.create(buildInferenceGraph(config, weights, "fp32"));
    const n = config.context;
    const out = await session.run({
      ...emptyCache(),
      input_ids: int64(window, [1, n]),
      attention_mask: int64(new Array(n).fill(1), [1, n]),
      position_ids: int64(
        Array.from({ length: n }, (_, i) => i),
        [1, n],
      ),
    });
    expect(worst(out.logits!.data as Float32Array, trained)).toBeLessThan(1e-4);
  });

  test("gives the same logits token by token with its cache, after left padding", async () => {
    const session = await InferenceSession.create(buildInferenceGraph(config, weights, "fp32"));
    const padding = 3;
    let cache = emptyCache();
    const logits: number[] = [];
    const fed = [...new Array(padding).fill(0), ...window];
    const mask = fed.map((_, i) => (i < padding ? 0 : 1));
    for (const [i, id] of fed.entries()) {
      const out = await session.run({
        ...cache,
        input_ids: int64([id], [1, 1]),
        attention_mask: int64(mask.slice(0, i + 1), [1, i + 1]),
        position_ids: int64([Math.max(0, i - padding)], [1, 1]),
      });
      cache = Object.fromEntries(
        Object.keys(cache).map((name) => [name, out[name.replace("past_key_values", "present")]!]),
      );
      if (i >= padding) logits.push(...(out.logits!.data as Float32Array));
    }
    expect(worst(logits, trained)).toBeLessThan(1e-4);
  });
});

describe("the exported folder in transformers.js", () => {
  let full: ExportedModel;
  let small: ExportedModel;
  beforeAll(async () => {
    full = await loadExportedModel(folder, "fp32");
    small = await loadExportedModel(folder, "q8");
  });

  test("fp32 gives the training graph's logits within 1e-4, int8 within 0.1", async () => {
    expect(worst((await full.logits(window)).data, trained)).toBeLessThan(1e-4);
    expect(worst((await small.logits(window)).data, trained)).toBeLessThan(0.1);
  });

  test("the tokenizer gives the trainer's ids, also for characters it never saw", () => {
    for (const text of [TOY_TEXT, "It's 1999,  naïve café…\n\n\t“Yes”  ", "日本語 and 😀!"]) {
      expect((full.tokenizer.encode(text) as number[]).map(Number)).toEqual(tokenizer.encode(text));
    }
  });

  test("continues a batch of unequal prompts as it continues each alone", async () => {
    const prompts = ["The cat sat", "It", "The dog sat in the barn. It saw a"];
    const certain = (): number => 0.5;
    const together = await full.sample(prompts, 12, certain);
    for (const [i, prompt] of prompts.entries()) {
      expect((await full.sample([prompt], 12, certain))[0]).toEqual(together[i]);
    }
  });

  test("goes on past the context it was trained at", async () => {
    const [ids] = await small.sample(["The cat sat"], 2 * config.context, () => 0.5);
    expect(ids).toHaveLength(2 * config.context);
  });
});

describe("a folder read back to be trained further", () => {
  test("holds the trained weights, bit for bit from the fp32 file, and the vocabulary", () => {
    const read = readModelFolder(folder, config.context);
    expect(read.vocabulary).toEqual(vocabulary);
    expect(read.config).toMatchObject(config);
    for (const { name } of parameterSpecs(config)) expect(read.weights.get(name)).toEqual(weights.get(name));
  });

  test("holds the weights that inference uses when the file is int8: within half a step of the trained ones", () => {
    rmSync(join(folder, "onnx/model.onnx"));
    const read = readModelFolder(folder, config.context);
    for (const { name } of parameterSpecs(config)) {
      const values = weights.get(name)!;
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(worst(read.weights.get(name)!, values)).toBeLessThanOrEqual((0.5 * largest) / 127 + 1e-6);
    }
  });
});

test("a tokenizer that does not match the weights is named", () => {
  const other = trainBpe([TOY_TEXT], 290);
  expect(() => exportModel(folder, config, weights, other, { storages: ["fp32"] })).toThrow(
    /290 tokens, the weights are for 300/,
  );
});

test("a folder without its files is named", async () => {
  await expect(loadExportedModel(join(folder, "nowhere"), "q8")).rejects.toMatchObject({ code: "invalid-argument" });
});
