import { DEFAULT_NORM_EPSILON, DEFAULT_ROPE_BASE, type ModelConfig } from "../model/model-config.ts";
import { parameterSpecs, type Weights } from "../model/parameters.ts";
import { createOnnxWriter, type NodeOptions, type OnnxWriter } from "../onnx/onnx-writer.ts";
import { storeWeight, type WeightStorage } from "./weight-storage.ts";

/** Added to scores that a position must not see: finite, so that a row of nothing but padding does not become NaN. */
const MASKED = -1e9;

/** ONNX bytes of the model as transformers.js runs it: `input_ids`, `attention_mask`, `position_ids` and a key-value cache in,
 * `logits` and the grown cache out; any batch, any length, left padding. Operators of plain ONNX only (opset 17).
 *
 * The cache inputs name `batch_size` and carry head counts as numbers: transformers.js reads their shapes from the file. */
export function buildInferenceGraph(config: ModelConfig, weights: Weights, storage: WeightStorage): Uint8Array {
  const writer = createOnnxWriter("decoder");
  const { vocabSize, layers, heads, width } = config;
  const headDim = width / heads;
  const ids = writer.input("input_ids", "int64", ["batch_size", "sequence_length"]);
  const attention = writer.input("attention_mask", "int64", ["batch_size", "total_sequence_length"]);
  const positions = writer.input("position_ids", "int64", ["batch_size", "sequence_length"]);
  for (const { name, shape } of parameterSpecs(config)) {
    // Output columns of a projection and rows of the embedding (a token each) have scales of their own.
    storeWeight(writer, name, shape, weights.get(name)!, storage, name === "embedding" ? "rows" : "columns");
  }
  const build = createBuilder(writer, config.normEpsilon ?? DEFAULT_NORM_EPSILON);
  const bias = attentionBias(build, ids, attention);
  const angles = rotaryTables(build, positions, headDim, config.ropeBase ?? DEFAULT_ROPE_BASE);

  const split = build.integers("split_shape", [0, 0, heads, headDim]);
  const join = build.integers("join_shape", [0, 0, width]);
  const perHead = (x: string): string =>
    build.node("Transpose", [build.node("Reshape", [x, split])], { attributes: { perm: [0, 2, 1, 3] } });
  const scale = build.floats("score_scale", [1 / Math.sqrt(headDim)]);
  const cacheShape = (length: string): (number | string)[] => ["batch_size", heads, length, headDim];

  let stream = build.node("Gather", ["embedding", ids], { attributes: { axis: 0 } });
  for (let layer = 0; layer < layers; layer++) {
    const own = (name: string): string => `layers.${layer}.${name}`;
    const cached = (part: "key" | "value", fresh: string): string => {
      const past = writer.input(`past_key_values.${layer}.${part}`, "float", cacheShape("past_sequence_length"));
      const [present] = writer.node("Concat", [past, fresh], {
        attributes: { axis: 2 },
        outputs: [`present.${layer}.${part}`],
      });
      return writer.output(present!, "float", cacheShape("total_sequence_length"));
    };
    const before = build.norm(stream, own("attention_norm"));
    const query = rotated(build, perHead(build.node("MatMul", [before, own("query")])), angles);
    const key = cached("key", rotated(build, perHead(build.node("MatMul", [before, own("key")])), angles));
    const value = cached("value", perHead(build.node("MatMul", [before, own("value")])));
    const transposed = build.node("Transpose", [key], { attributes: { perm: [0, 1, 3, 2] } });
    const scores = build.node("Mul", [build.node("MatMul", [query, transposed]), scale]);
    const shares = build.node("Softmax", [build.node("Add", [scores, bias])], { attributes: { axis: -1 } });
    const mixed = build.node("Transpose", [build.node("MatMul", [shares, value])], {
      attributes: { perm: [0, 2, 1, 3] },
    });
    const attended = build.node("MatMul", [build.node("Reshape", [mixed, join]), own("attention_out")]);
    stream = build.node("Add", [stream, attended]);
    const normed = build.norm(stream, own("mlp_norm"));
    const gate = build.node("MatMul", [normed, own("gate")]);
    const silu = build.node("Mul", [gate, build.node("Sigmoid", [gate])]);
    const inner = build.node("Mul", [silu, build.node("MatMul", [normed, own("up")])]);
    stream = build.node("Add", [stream, build.node("MatMul", [inner, own("down")])]);
  }
  const unembedding = build.node("Transpose", ["embedding"], { attributes: { perm: [1, 0] } });
  writer.node("MatMul", [build.norm(stream, "final_norm"), unembedding], { outputs: ["logits"] });
  writer.output("logits", "float", ["batch_size", "sequence_length", vocabSize]);
  return writer.encode();
}

interface Builder {
  node(operator: string, inputs: readonly string[], options?: NodeOptions): string;
  floats(name: string, values: readonly number[], shape?: readonly number[]): string;
  integers(name: string, values: readonly number[], shape?: readonly number[]): string;
  /** Root-mean-square normalisation times a gain. */
  norm(x: string, gain: string): string;
  /** The last axis cut in two. */
  halves(x: string): readonly [string, string];
}

function createBuilder(writer: OnnxWriter, epsilon: number): Builder {
  const node: Builder["node"] = (operator, inputs, options) => writer.node(operator, inputs, options)[0]!;
  const floats: Builder["floats"] = (name, values, shape = [values.length]) =>
    writer.initializer(name, "float", shape, Float32Array.from(values));
  const integers: Builder["integers"] = (name, values, shape = [values.length]) =>
    writer.initializer(name, "int64", shape, BigInt64Array.from(values, BigInt));
  const small = floats("norm_epsilon", [epsilon]);
  return {
    node,
    floats,
    integers,
    norm(x, gain) {
      const square = node("ReduceMean", [node("Mul", [x, x])], { attributes: { axes: [-1] } });
      const root = node("Sqrt", [node("Add", [square, small])]);
      return node("Mul", [node("Div", [x, root]), gain]);
    },
    halves(x) {
      const [first, second] = writer.node("Split", [x], { attributes: { axis: -1 }, outputCount: 2 });
      return [first!, second!];
    },
  };
}

/** Bias [batch, 1, sequence, total]: 0 where a position may look, about −1e9 at later positions and at padding. */
function attentionBias(build: Builder, ids: string, attention: string): string {
  const one = build.integers("axis_one", [1]);
  const zero = build.integers("zero", [0], []);
  const step = build.integers("one", [1], []);
  const none = build.floats("unmasked", [0]);
  const masked = build.floats("masked", [MASKED]);
  const sizeOf = (x: string): string => build.node("Squeeze", [build.node("Gather", [build.node("Shape", [x]), one])]);
  const total = sizeOf(attention);
  const past = build.node("Sub", [total, sizeOf(ids)]);
  const rows = build.node("Unsqueeze", [build.node("Range", [past, total, step]), one]);
  const causal = build.node("LessOrEqual", [build.node("Range", [zero, total, step]), rows]);
  const real = build.node("Cast", [attention], { attributes: { to: 9 } });
  const axes = build.integers("axes_one_two", [1, 2]);
  const visible = build.node("And", [causal, build.node("Unsqueeze", [real, axes])]);
  return build.node("Where", [visible, none, masked]);
}

interface RotaryTables {
  readonly cosine: string;
  readonly sine: string;
}

/** Cosines and sines [batch, 1, sequence, headDim / 2] of the positions; computed, not stored, so that no length is too long. */
function rotaryTables(build: Builder, positions: string, headDim: number, base: number): RotaryTables {
  const frequencies = Array.from({ length: headDim / 2 }, (_, i) => base ** ((-2 * i) / headDim));
  const axes = build.integers("axes_one_three", [1, 3]);
  const column = build.node("Unsqueeze", [build.node("Cast", [positions], { attributes: { to: 1 } }), axes]);
  const angles = build.node("Mul", [column, build.floats("rotary_frequencies", frequencies)]);
  return { cosine: build.node("Cos", [angles]), sine: build.node("Sin", [angles]) };
}

/** The two halves of the last axis of `x` turned by the tables' angles. */
function rotated(build: Builder, x: string, { cosine, sine }: RotaryTables): string {
  const [first, second] = build.halves(x);
  const left = build.node("Sub", [build.node("Mul", [first, cosine]), build.node("Mul", [second, sine])]);
  const right = build.node("Add", [build.node("Mul", [second, cosine]), build.node("Mul", [first, sine])]);
  return build.node("Concat", [left, right], { attributes: { axis: -1 } });
}
