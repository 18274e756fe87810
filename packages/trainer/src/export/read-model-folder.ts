import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type TensorProto } from "onnx-buf";
import { TrainerError } from "../errors.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { parameterSpecs, type Weights } from "../model/parameters.ts";
import { parseTokenizerJson } from "../tokenizer/tokenizer-files.ts";
import type { BpeVocabulary } from "../tokenizer/train-bpe.ts";

/** What a folder that `exportModel` wrote holds, ready to be trained further. */
export interface ModelFolder {
  readonly config: ModelConfig;
  /** Float32; those of an int8 file are the rounded ones that inference uses. */
  readonly weights: Weights;
  readonly vocabulary: BpeVocabulary;
}

/** Reads a folder back (fp32 file if there is one, else int8), to go on training from its weights with `context` positions a
 * window. */
export function readModelFolder(folder: string, context: number): ModelFolder {
  const json = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as Record<string, number>;
  const config: ModelConfig = {
    vocabSize: json.vocab_size!,
    layers: json.num_hidden_layers!,
    width: json.hidden_size!,
    heads: json.num_attention_heads!,
    hidden: json.intermediate_size!,
    context,
    ropeBase: json.rope_theta!,
    normEpsilon: json.rms_norm_eps!,
  };
  const vocabulary = parseTokenizerJson(readFileSync(join(folder, "tokenizer.json"), "utf8"));
  if (vocabulary.tokens.length !== config.vocabSize) {
    throw new TrainerError(
      "tokenizer-mismatch",
      `tokenizer.json has ${vocabulary.tokens.length} tokens, config.json says ${config.vocabSize}`,
    );
  }
  const file = ["model.onnx", "model_quantized.onnx"]
    .map((name) => join(folder, "onnx", name))
    .find((path) => existsSync(path));
  if (file === undefined) throw new TrainerError("invalid-argument", `folder ${folder} must hold onnx/model*.onnx`);
  const { graph } = fromBinary(ModelProtoSchema, readFileSync(file));
  const stored = new Map(graph!.initializer.map((tensor) => [tensor.name, tensor]));
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of parameterSpecs(config)) {
    const values = readWeight(stored, name, shape);
    if (values === null) {
      throw new TrainerError("checkpoint-mismatch", `${file} must hold ${name} with shape [${shape.join(", ")}]`);
    }
    weights.set(name, values);
  }
  return { config, weights, vocabulary };
}

function readWeight(
  stored: ReadonlyMap<string, TensorProto>,
  name: string,
  shape: readonly number[],
): Float32Array | null {
  const size = shape.reduce((a, b) => a * b, 1);
  const plain = stored.get(name);
  if (plain !== undefined) return plain.rawData.length === 4 * size ? floats(plain) : null;
  const steps = stored.get(`${name}.int8`);
  const scale = stored.get(`${name}.scale`);
  if (steps === undefined || scale === undefined || steps.rawData.length !== size) return null;
  const scales = floats(scale);
  const columns = shape[1]!;
  const perRow = scale.dims[1] === 1n;
  const signed = new Int8Array(steps.rawData.buffer, steps.rawData.byteOffset, size);
  return Float32Array.from(signed, (value, i) => value * scales[perRow ? Math.floor(i / columns) : i % columns]!);
}

function floats({ rawData }: TensorProto): Float32Array {
  return new Float32Array(Uint8Array.from(rawData).buffer);
}
