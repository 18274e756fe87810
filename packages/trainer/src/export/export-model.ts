import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TrainerError } from "../errors.ts";
import { DEFAULT_NORM_EPSILON, DEFAULT_ROPE_BASE, type ModelConfig } from "../model/model-config.ts";
import { parameterSpecs, type Weights } from "../model/parameters.ts";
import { tokenizerConfigJson, tokenizerJson } from "../tokenizer/tokenizer-files.ts";
import type { BpeVocabulary } from "../tokenizer/train-bpe.ts";
import { buildInferenceGraph } from "./inference-graph.ts";
import type { WeightStorage } from "./weight-storage.ts";

/** File name that transformers.js looks for under each `dtype`. */
const FILES = { fp32: "model.onnx", int8: "model_quantized.onnx" } as const satisfies Record<WeightStorage, string>;

/** Settings of an export. */
export interface ExportOptions {
  /** Which files to write: `fp32` loads as dtype "fp32", `int8` as "q8". */
  readonly storages: readonly WeightStorage[];
  /** Longest text the configuration promises, in tokens; rotary angles are computed for any. @defaultValue twice the context */
  readonly maxPositions?: number;
}

/** Writes a folder that transformers.js' `AutoModelForCausalLM` and `AutoTokenizer` load: configuration, tokenizer and
 * `onnx/model*.onnx`. */
export function exportModel(
  folder: string,
  config: ModelConfig,
  weights: Weights,
  vocabulary: BpeVocabulary,
  options: ExportOptions,
): void {
  const { storages, maxPositions = 2 * config.context } = options;
  if (vocabulary.tokens.length !== config.vocabSize) {
    throw new TrainerError(
      "tokenizer-mismatch",
      `the tokenizer has ${vocabulary.tokens.length} tokens, the weights are for ${config.vocabSize}`,
    );
  }
  for (const { name, shape } of parameterSpecs(config)) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (weights.get(name)?.length !== size) {
      throw new TrainerError(
        "checkpoint-mismatch",
        `weights must hold ${name} with ${size} numbers, got ${weights.get(name)?.length ?? "none"}`,
      );
    }
  }
  mkdirSync(join(folder, "onnx"), { recursive: true });
  const special = { bos_token_id: 0, eos_token_id: 0, pad_token_id: 0 };
  const modelConfig = {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    vocab_size: config.vocabSize,
    hidden_size: config.width,
    intermediate_size: config.hidden,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.heads,
    head_dim: config.width / config.heads,
    hidden_act: "silu",
    rms_norm_eps: config.normEpsilon ?? DEFAULT_NORM_EPSILON,
    rope_theta: config.ropeBase ?? DEFAULT_ROPE_BASE,
    max_position_embeddings: maxPositions,
    tie_word_embeddings: true,
    ...special,
  };
  writeFileSync(join(folder, "config.json"), pretty(modelConfig));
  writeFileSync(join(folder, "generation_config.json"), pretty({ ...special, max_length: config.context }));
  writeFileSync(join(folder, "tokenizer.json"), tokenizerJson(vocabulary));
  writeFileSync(join(folder, "tokenizer_config.json"), tokenizerConfigJson(maxPositions));
  for (const storage of storages) {
    writeFileSync(join(folder, "onnx", FILES[storage]), buildInferenceGraph(config, weights, storage));
  }
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
