import { createOnnxWriter, type ElementType, type NodeOptions, type OnnxWriter } from "../onnx/onnx-writer.ts";

/** A value in the graph. All sizes are known when the graph is built. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** True when a gradient can reach this value. */
  readonly tracked: boolean;
}

/** Gradients of the loss by one operator's inputs, given those by its outputs (absent: the output does not reach the
 * loss). Each input has its own function, so that gradients nobody needs are never built; `null`: no gradient exists. */
export type GradientRule = (outputs: readonly (Tensor | undefined)[]) => readonly ((() => Tensor) | null)[];

/** One differentiable step, in the order it was built. */
export interface TapeEntry {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly rule: GradientRule;
}

/** Builds an ONNX graph and remembers how to differentiate it. */
export interface Graph {
  readonly writer: OnnxWriter;
  readonly tape: readonly TapeEntry[];
  /** Declares an input; `tracked` for parameters. */
  input(name: string, shape: readonly number[], options?: { type?: ElementType; tracked?: boolean }): Tensor;
  /** A constant; equal constants of up to 64 elements are stored once. */
  constant(values: ArrayLike<number>, shape: readonly number[], type?: "float" | "int64"): Tensor;
  /** Adds a node with one output and no gradient. */
  emit(operator: string, inputs: readonly Tensor[], shape: readonly number[], options?: NodeOptions): Tensor;
  /** Adds a node with several outputs and no gradient. */
  emitMany(
    operator: string,
    inputs: readonly Tensor[],
    shapes: readonly (readonly number[])[],
    options?: NodeOptions,
  ): Tensor[];
  /** Says that `outputs` were made from `inputs`, and how gradients flow back. Returns the outputs, tracked if an input is. */
  record(inputs: readonly Tensor[], outputs: readonly Tensor[], rule: GradientRule): Tensor[];
  /** Publishes a value as an output of the model. */
  output(name: string, tensor: Tensor): void;
  encode(): Uint8Array;
}

/** Number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

const SHARED_CONSTANT_LIMIT = 64;

/** Starts an empty differentiable graph. */
export function createGraph(name: string): Graph {
  const writer = createOnnxWriter(name);
  const tape: TapeEntry[] = [];
  const constants = new Map<string, Tensor>();
  let constantCount = 0;

  const emitMany: Graph["emitMany"] = (operator, inputs, shapes, options = {}) => {
    const names = writer.node(
      operator,
      inputs.map((tensor) => tensor.name),
      { ...options, outputCount: shapes.length },
    );
    return shapes.map((shape, i) => ({ name: names[i]!, shape, type: "float" as const, tracked: false }));
  };

  return Object.freeze({
    writer,
    tape,
    input(inputName, shape, { type = "float", tracked = false } = {}) {
      writer.input(inputName, type, shape);
      return { name: inputName, shape, type, tracked };
    },
    constant(values, shape, type = "float") {
      if (values.length !== elementCount(shape)) {
        throw new RangeError(`constant: ${values.length} values do not fill shape [${shape.join(", ")}]`);
      }
      const key =
        values.length <= SHARED_CONSTANT_LIMIT ? `${type}|${shape.join(",")}|${Array.from(values).join(",")}` : null;
      const known = key === null ? undefined : constants.get(key);
      if (known !== undefined) return known;
      const data = type === "float" ? Float32Array.from(values) : BigInt64Array.from(Array.from(values), BigInt);
      const tensor: Tensor = { name: `c${constantCount++}`, shape, type, tracked: false };
      writer.initializer(tensor.name, type, shape, data);
      if (key !== null) constants.set(key, tensor);
      return tensor;
    },
    emit: (operator, inputs, shape, options) => emitMany(operator, inputs, [shape], options)[0]!,
    emitMany,
    record(inputs, outputs, rule) {
      if (!inputs.some((tensor) => tensor.tracked)) return [...outputs];
      const tracked = outputs.map((tensor) => ({ ...tensor, tracked: true }));
      tape.push({ inputs, outputs: tracked, rule });
      return tracked;
    },
    output(outputName, tensor) {
      writer.node("Identity", [tensor.name], { outputs: [outputName] });
      writer.output(outputName, tensor.type, tensor.shape);
    },
    encode: () => writer.encode(),
  } satisfies Graph);
}
