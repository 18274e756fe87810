import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";

/** Element types our graphs use. */
export type ElementType = "float" | "int64" | "int8" | "bool";

/** Attribute values our operators use: an integer, a list of integers, a string, or (wrapped) a float. */
export type AttributeValue = number | readonly number[] | string | { readonly float: number };

/** Settings of one node. */
export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Operator set; `com.microsoft` holds onnxruntime's own. @defaultValue "" (ONNX) */
  readonly domain?: string;
  /** Names of the outputs; fresh names when left out. */
  readonly outputs?: readonly string[];
  /** How many outputs to name when `outputs` is left out. @defaultValue 1 */
  readonly outputCount?: number;
}

/** Collects nodes, inputs and constants and writes them as the bytes of one ONNX file. */
export interface OnnxWriter {
  input(name: string, type: ElementType, shape: readonly (number | string)[]): string;
  output(name: string, type: ElementType, shape: readonly (number | string)[]): string;
  /** Stores a tensor in the file. `data` is copied when the file is encoded, not before. */
  initializer(name: string, type: ElementType, shape: readonly number[], data: ArrayBufferView): string;
  /** Adds a node and returns the names of its outputs. */
  node(operator: string, inputs: readonly string[], options?: NodeOptions): string[];
  encode(): Uint8Array;
}

const DATA_TYPES = {
  float: TensorProto_DataType.FLOAT,
  int64: TensorProto_DataType.INT64,
  int8: TensorProto_DataType.INT8,
  bool: TensorProto_DataType.BOOL,
} as const satisfies Record<ElementType, TensorProto_DataType>;

/** IR 8 is the oldest that carries opset 17; every onnxruntime that transformers.js 4 brings reads both. */
const IR_VERSION = 8n;
const OPSET = 17n;

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "number") {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  }
  if (typeof value === "string") {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.STRING,
      s: new Uint8Array(Buffer.from(value, "utf8")),
    });
  }
  if ("float" in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  }
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) });
}

function valueInfo(name: string, type: ElementType, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof size === "number" ? { case: "dimValue", value: BigInt(size) } : { case: "dimParam", value: size },
    }),
  );
  const tensorType = create(TypeProto_TensorSchema, {
    elemType: DATA_TYPES[type],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensorType } }),
  });
}

/** Starts an empty ONNX model called `name`. */
export function createOnnxWriter(name: string): OnnxWriter {
  const nodes: NodeProto[] = [];
  const inputs: ValueInfoProto[] = [];
  const outputs: ValueInfoProto[] = [];
  const initializers: TensorProto[] = [];
  let fresh = 0;

  return Object.freeze({
    input(inputName: string, type: ElementType, shape: readonly (number | string)[]): string {
      inputs.push(valueInfo(inputName, type, shape));
      return inputName;
    },
    output(outputName: string, type: ElementType, shape: readonly (number | string)[]): string {
      outputs.push(valueInfo(outputName, type, shape));
      return outputName;
    },
    initializer(tensorName: string, type: ElementType, shape: readonly number[], data: ArrayBufferView): string {
      const rawData = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
      initializers.push(
        create(TensorProtoSchema, { name: tensorName, dataType: DATA_TYPES[type], dims: shape.map(BigInt), rawData }),
      );
      return tensorName;
    },
    node(operator: string, nodeInputs: readonly string[], options: NodeOptions = {}): string[] {
      const { attributes = {}, domain = "", outputCount = 1 } = options;
      const names = [...(options.outputs ?? Array.from({ length: outputCount }, () => `t${fresh++}`))];
      nodes.push(
        create(NodeProtoSchema, {
          name: `${operator}_${nodes.length}`,
          opType: operator,
          domain,
          input: [...nodeInputs],
          output: names,
          attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
        }),
      );
      return names;
    },
    encode(): Uint8Array {
      const model = create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        producerName: "tokenmark-trainer",
        opsetImport: [
          create(OperatorSetIdProtoSchema, { domain: "", version: OPSET }),
          create(OperatorSetIdProtoSchema, { domain: "com.microsoft", version: 1n }),
        ],
        graph: create(GraphProtoSchema, {
          name,
          node: nodes,
          input: inputs,
          output: outputs,
          initializer: initializers,
        }),
      });
      return toBinary(ModelProtoSchema, model);
    },
  });
}
