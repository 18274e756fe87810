import { describe, expect, test } from "vitest";
import type { Graph, Tensor } from "../src/graph/graph.ts";
import { decoderLogits } from "../src/model/decoder.ts";
import type { ModelConfig } from "../src/model/model-config.ts";
import { parameterSpecs } from "../src/model/parameters.ts";
import { add } from "../src/operators/add.ts";
import { causalAttention } from "../src/operators/causal-attention.ts";
import { crossEntropy } from "../src/operators/cross-entropy.ts";
import { embedding } from "../src/operators/embedding.ts";
import { reshape, transpose } from "../src/operators/layout.ts";
import { matmul } from "../src/operators/matmul.ts";
import { rmsNorm } from "../src/operators/rms-norm.ts";
import { rotary } from "../src/operators/rotary.ts";
import { swiglu } from "../src/operators/swiglu.ts";
import { gradientError } from "./gradient-check.ts";

type Shapes = readonly (readonly number[])[];
type Build = (graph: Graph, inputs: Tensor[]) => Tensor;

const product = (transposeA: boolean, transposeB: boolean): [string, Shapes, Build] => [
  `matmul, transposed ${transposeA}/${transposeB}, scaled`,
  [transposeA ? [2, 4, 3] : [2, 3, 4], transposeB ? [2, 5, 4] : [2, 4, 5]],
  (graph, [a, b]) => matmul(graph, a!, b!, { transposeA, transposeB, scale: 0.7 }),
];

const rules: readonly [string, Shapes, Build][] = [
  [
    "add",
    [
      [3, 4],
      [3, 4],
    ],
    (graph, [a, b]) => add(graph, a!, b!),
  ],
  ["add of a value to itself", [[3, 4]], (graph, [a]) => add(graph, a!, a!)],
  [
    "matmul",
    [
      [3, 4],
      [4, 5],
    ],
    (graph, [a, b]) => matmul(graph, a!, b!),
  ],
  product(true, false),
  product(false, true),
  product(true, true),
  ["reshape", [[3, 4]], (graph, [x]) => reshape(graph, x!, [2, 6])],
  ["transpose", [[2, 3, 4, 2]], (graph, [x]) => transpose(graph, x!, [2, 0, 3, 1])],
  [
    "embedding with repeated ids",
    [[5, 3]],
    (graph, [table]) => embedding(graph, table!, graph.constant([1, 4, 1, 0, 1], [5], "int64")),
  ],
  ["rmsNorm", [[4, 6], [6]], (graph, [x, gain]) => rmsNorm(graph, x!, gain!, 1e-5)],
  [
    "swiglu",
    [
      [3, 5],
      [3, 5],
    ],
    (graph, [gate, up]) => swiglu(graph, gate!, up!),
  ],
  ["rotary", [[2, 2, 5, 6]], (graph, [x]) => rotary(graph, x!, 100)],
  [
    "causalAttention",
    [
      [2, 2, 4, 4],
      [2, 2, 4, 4],
      [2, 2, 4, 4],
    ],
    (graph, [query, key, value]) => causalAttention(graph, query!, key!, value!),
  ],
  [
    "crossEntropy with weights, one of them zero",
    [[4, 7]],
    (graph, [logits]) =>
      crossEntropy(graph, logits!, graph.constant([6, 0, 3, 3], [4], "int64"), graph.constant([0.5, 0, 0.3, 0.2], [4])),
  ],
];

describe("every operator's gradient rule agrees with finite differences", () => {
  test.each(rules)("%s", async (_, shapes, build) => {
    expect(await gradientError(shapes, build)).toBeLessThan(1e-3);
  });
});

test("the whole decoder's gradient agrees with finite differences in every parameter", async () => {
  const config: ModelConfig = { vocabSize: 7, layers: 2, width: 8, heads: 2, hidden: 5, context: 4 };
  const specs = parameterSpecs(config);
  const error = await gradientError(
    specs.map(({ shape }) => shape),
    (graph, inputs) => {
      const ids = graph.constant([1, 2, 3, 2, 6, 0, 5, 5], [8], "int64");
      const named = new Map(specs.map(({ name }, i) => [name, inputs[i]!]));
      const logits = decoderLogits(graph, config, ids, (name) => named.get(name)!);
      const targets = graph.constant([2, 3, 2, 6, 0, 5, 5, 1], [8], "int64");
      return crossEntropy(graph, logits, targets, graph.constant(new Array(8).fill(1 / 8), [8]));
    },
  );
  expect(error).toBeLessThan(2e-3);
});
