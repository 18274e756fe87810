import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { differentiate } from "../src/graph/differentiate.ts";
import { createGraph } from "../src/graph/graph.ts";
import { adamwUpdate, clipFactor, globalNorm, stepScalars } from "../src/training/adamw.ts";
import { values } from "./gradient-check.ts";

const OPTIONS = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2, clipNorm: 0.5 };
const RATE = 0.01;

test("three steps in the graph equal AdamW with clipping and decoupled decay written out in JavaScript", async () => {
  const shape = [3, 2];
  const graph = createGraph("adamw");
  const weight = graph.input("weight", shape);
  const first = graph.input("first", shape);
  const second = graph.input("second", shape);
  const gradient = graph.input("gradient", shape);
  const inputs = {
    stepSize: graph.input("step_size", [1]),
    epsilon: graph.input("epsilon", [1]),
    learningRate: graph.input("learning_rate", [1]),
    clip: clipFactor(graph, globalNorm(graph, [gradient]), OPTIONS.clipNorm),
  };
  const next = adamwUpdate(graph, { weight, first, second }, gradient, inputs, OPTIONS);
  graph.output("next.weight", next.weight);
  graph.output("next.first", next.first);
  graph.output("next.second", next.second);
  const session = await InferenceSession.create(graph.encode());

  let state: Record<"weight" | "first" | "second", Float32Array> = {
    weight: values(6, "w"),
    first: new Float32Array(6),
    second: new Float32Array(6),
  };
  const expected = { weight: Float64Array.from(state.weight), first: new Float64Array(6), second: new Float64Array(6) };
  for (let step = 1; step <= 3; step++) {
    const g = values(6, `gradient ${step}`);
    const scalars = stepScalars(RATE, step, OPTIONS);
    const feed = (data: Float32Array): OrtTensor => new OrtTensor("float32", data, shape);
    const scalar = (value: number): OrtTensor => new OrtTensor("float32", Float32Array.of(value), [1]);
    const out = await session.run({
      weight: feed(state.weight),
      first: feed(state.first),
      second: feed(state.second),
      gradient: feed(g),
      step_size: scalar(scalars.stepSize),
      epsilon: scalar(scalars.epsilon),
      learning_rate: scalar(scalars.learningRate),
    });
    const array = (name: string): Float32Array => out[`next.${name}`]!.data as Float32Array;
    state = { weight: array("weight"), first: array("first"), second: array("second") };

    const clip = Math.min(1, OPTIONS.clipNorm / Math.hypot(...g));
    for (let i = 0; i < 6; i++) {
      const clipped = g[i]! * clip;
      expected.first[i] = OPTIONS.beta1 * expected.first[i]! + (1 - OPTIONS.beta1) * clipped;
      expected.second[i] = OPTIONS.beta2 * expected.second[i]! + (1 - OPTIONS.beta2) * clipped ** 2;
      const mean = expected.first[i]! / (1 - OPTIONS.beta1 ** step);
      const spread = Math.sqrt(expected.second[i]! / (1 - OPTIONS.beta2 ** step)) + OPTIONS.epsilon;
      expected.weight[i] = expected.weight[i]! * (1 - RATE * OPTIONS.weightDecay) - (RATE * mean) / spread;
      expect(state.weight[i]).toBeCloseTo(expected.weight[i]!, 5);
    }
  }
});

test("a parameter the loss does not use gets a gradient of zeros", async () => {
  const graph = createGraph("unused");
  const used = graph.input("used", [1], { tracked: true });
  const unused = graph.input("unused", [2, 2], { tracked: true });
  const [, gradient] = differentiate(graph, used, [used, unused]);
  graph.output("gradient", gradient!);
  const session = await InferenceSession.create(graph.encode(), { logSeverityLevel: 3 });
  const out = await session.run({
    used: new OrtTensor("float32", Float32Array.of(1), [1]),
    unused: new OrtTensor("float32", new Float32Array(4).fill(3), [2, 2]),
  });
  expect(Array.from(out.gradient!.data as Float32Array)).toEqual([0, 0, 0, 0]);
});
