import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { ModelConfig } from "../src/model/model-config.ts";
import { initialWeights, type Weights } from "../src/model/parameters.ts";
import { createBpeTokenizer } from "../src/tokenizer/bpe-tokenizer.ts";
import { trainBpe } from "../src/tokenizer/train-bpe.ts";
import { readCheckpoint } from "../src/training/checkpoint.ts";
import { createEvaluator } from "../src/training/evaluate.ts";
import { type TrainOptions, train } from "../src/training/train.ts";
import { TOY_TEXT } from "./toy-text.ts";

const vocabulary = trainBpe([TOY_TEXT], 300);
const tokens = createBpeTokenizer(vocabulary).encode(TOY_TEXT);
const config: ModelConfig = { vocabSize: 300, layers: 1, width: 16, heads: 2, hidden: 24, context: 16 };
const options: TrainOptions = {
  batch: 4,
  steps: 12,
  seed: "a",
  threads: 1,
  learningRate: { peak: 1e-2, warmup: 2, finalFraction: 0.1 },
};
const folder = mkdtempSync(join(tmpdir(), "trainer-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plain = (weights: Weights): Record<string, number[]> =>
  Object.fromEntries([...weights].map(([name, data]) => [name, Array.from(data)]));
const stop = async (checkpoint: string, stopAfter: number): Promise<void> => {
  await train(config, { tokens }, { ...options, checkpoint: { path: checkpoint, every: 5 }, stopAfter });
};

describe("a run", () => {
  test("learns: the loss on a toy text falls from more than 3 nats to less than 0.7", async () => {
    const { curve } = await train(config, { tokens }, { ...options, steps: 150, progressEvery: 25 });
    expect(curve[0]!.trainingLoss).toBeGreaterThan(3);
    expect(curve.at(-1)!.trainingLoss).toBeLessThan(0.7);
  });

  test("gives the same weights for the same seed and other weights for another", async () => {
    const [one, two, other] = [
      await train(config, { tokens }, options),
      await train(config, { tokens }, options),
      await train(config, { tokens }, { ...options, seed: "b" }),
    ];
    expect(plain(two.weights)).toEqual(plain(one.weights));
    expect(plain(other.weights)).not.toEqual(plain(one.weights));
  });

  test("that was stopped at any step and resumed ends with the weights of one that was not", async () => {
    const whole = await train(config, { tokens }, options);
    const path = join(folder, "resumed.bin");
    await stop(path, 3);
    await stop(path, 7);
    const resumed = await train(config, { tokens }, { ...options, checkpoint: { path, every: 5 } });
    expect(plain(resumed.weights)).toEqual(plain(whole.weights));
    expect(readCheckpoint(path).step).toBe(12);
  });

  test("starts from the weights it is given", async () => {
    const weights = initialWeights(config, "mine");
    const result = await train(
      config,
      { tokens },
      { ...options, weights, steps: 1, learningRate: { peak: 0, warmup: 0, finalFraction: 0 } },
    );
    expect(plain(result.weights)).toEqual(plain(weights));
  });

  test("takes no notice of the order's seed when the windows are listed", async () => {
    const starts = [5, 40, 9, 100];
    const weights = initialWeights(config, "same");
    const run = async (seed: string): Promise<Weights> =>
      (await train(config, { tokens }, { ...options, seed, weights, steps: 2, order: { kind: "starts", starts } }))
        .weights;
    expect(plain(await run("x"))).toEqual(plain(await run("y")));
  });

  test("does not learn from masked targets", async () => {
    const lossMask = new Uint8Array(tokens.length).fill(1, 0, 200);
    const other = tokens.map((token, i) => (i < 200 ? token : (token + 7) % 300));
    // Windows that straddle the border see different inputs, so the windows are listed.
    const run = async (data: number[], mask: Uint8Array, starts: number[]): Promise<Weights> =>
      (
        await train(
          config,
          { tokens: data, lossMask: mask },
          { ...options, steps: 2, order: { kind: "starts", starts } },
        )
      ).weights;
    const starts = [0, 50, 300, 320];
    expect(plain(await run(other, lossMask, starts))).toEqual(plain(await run(tokens, lossMask, starts)));
    expect(
      plain(
        await run(
          other,
          lossMask.map(() => 1),
          starts,
        ),
      ),
    ).not.toEqual(plain(await run(tokens, lossMask, starts)));
  });

  test("measures held-out text as the evaluator does on the weights it returns", async () => {
    const stream = { tokens: tokens.slice(0, 101) };
    const { weights, curve } = await train(config, { tokens }, { ...options, heldOut: { stream, every: 100 } });
    const evaluator = await createEvaluator(config, stream, { batch: 3, threads: 1 });
    expect(evaluator.tokens).toBe(100);
    expect(await evaluator.loss(weights)).toBeCloseTo(curve.at(-1)!.heldOutLoss!, 5);
  });
});

describe("what goes wrong is named", () => {
  test("a diverging loss, and the last good checkpoint is kept", async () => {
    const path = join(folder, "diverging.bin");
    await stop(path, 5);
    const before = readFileSync(path);
    const wild = {
      ...options,
      checkpoint: { path: join(folder, "wild.bin"), every: 1 },
      learningRate: { peak: 1e30, warmup: 0, finalFraction: 1 },
    };
    await expect(train(config, { tokens }, wild)).rejects.toMatchObject({ code: "loss-diverged" });
    const kept = readCheckpoint(join(folder, "wild.bin"));
    expect([...kept.tensors.values()].every((values) => values.every(Number.isFinite))).toBe(true);
    expect(readFileSync(path)).toEqual(before);
  });

  test("a checkpoint cut in half or with one flipped bit", async () => {
    const path = join(folder, "cut.bin");
    await stop(path, 1);
    const flipped = join(folder, "flipped.bin");
    copyFileSync(path, flipped);
    const bytes = readFileSync(flipped);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(flipped, bytes);
    writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size >> 1));
    for (const broken of [path, flipped]) {
      await expect(stop(broken, 2)).rejects.toMatchObject({ code: "checkpoint-truncated" });
    }
  });

  test("a checkpoint of another run", async () => {
    const path = join(folder, "mismatch.bin");
    await stop(path, 1);
    await expect(
      train(config, { tokens }, { ...options, seed: "b", checkpoint: { path, every: 5 } }),
    ).rejects.toMatchObject({ code: "checkpoint-mismatch" });
  });

  test("tokens the model does not have", async () => {
    await expect(train(config, { tokens: [...tokens, 300] }, options)).rejects.toMatchObject({
      code: "tokenizer-mismatch",
    });
  });

  test("a stream shorter than two windows", async () => {
    await expect(train(config, { tokens: [1, 2, 3] }, options)).rejects.toMatchObject({ code: "corpus-empty" });
  });

  test("weights of another size", async () => {
    const weights = initialWeights({ ...config, hidden: 32 }, "x");
    await expect(train(config, { tokens }, { ...options, weights })).rejects.toMatchObject({
      code: "checkpoint-mismatch",
    });
  });

  test("sizes that make no model", async () => {
    await expect(train({ ...config, heads: 3 }, { tokens }, options)).rejects.toThrow(/width 16 and 3 heads/);
  });
});
