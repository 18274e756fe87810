import seedrandom from "seedrandom";
import { type GgufTensor, type GgufValue, writeGguf } from "./gguf-file.ts";
import { createTinyVocabulary, type TinyVocabulary } from "./tiny-vocabulary.ts";

/** Options of {@link writeTinyGguf}. */
export interface TinyGgufOptions {
  /** Names the model: equal seeds and options give equal bytes. */
  readonly seed: string;
  /** Tokens of the vocabulary, at least 320. @defaultValue 512 */
  readonly vocabularySize?: number;
  /** Layers. @defaultValue 2 */
  readonly layers?: number;
  /** Width of the residual stream, a multiple of 32. @defaultValue 64 */
  readonly width?: number;
  /** What the file says the model was trained for; an engine gives no longer context unasked. @defaultValue 2048 */
  readonly contextLength?: number;
}

const HEADS = 4;
const RMS_EPSILON = 1e-5;
/** Standard deviation of the logits that the words get from the context, in nats: 4 to 5 bits a token at temperature 1. */
const SPREAD = 3.2;
/** Logit offsets by kind of token: words make the text, a byte comes now and then, an end seldom, the rest never. */
const OFFSET = { word: 0, byte: -3, eos: -2, never: -30 };

function offsetOf(token: number, vocabulary: TinyVocabulary): number {
  if (token === vocabulary.eos) return OFFSET.eos;
  if (token < vocabulary.firstByte) return OFFSET.never;
  return token < vocabulary.firstPiece ? OFFSET.byte : OFFSET.word;
}

/**
 * Writes a llama-architecture model of seeded random weights as a GGUF file, for engines that load nothing else: about 0.7 MB at the
 * defaults. What it writes has the entropy of text, not its sense.
 *
 * Channel 0 of the residual stream is kept constant: every embedding has the same value there and no layer writes to it, so the
 * output matrix can hold an offset for each token although the architecture has none.
 */
export function writeTinyGguf(options: TinyGgufOptions): Uint8Array {
  const { seed, vocabularySize = 512, layers = 2, width = 64, contextLength = 2048 } = options;
  const random = seedrandom(`tiny-gguf/${seed}`);
  const vocabulary = createTinyVocabulary(vocabularySize, random);
  const inner = 2 * width;
  const tensors: GgufTensor[] = [];

  /** Box and Muller (1958). */
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  /** A matrix from `inputs` channels to `outputs`, by standard deviation. */
  function matrix(name: string, inputs: number, outputs: number, deviation: number): Float32Array {
    const data = new Float32Array(inputs * outputs);
    for (let i = 0; i < data.length; i++) data[i] = deviation * normal();
    tensors.push({ name, shape: [inputs, outputs], data });
    return data;
  }
  function ones(name: string): void {
    tensors.push({ name, shape: [width], data: new Float32Array(width).fill(1) });
  }

  const embedding = matrix("token_embd.weight", width, vocabularySize, 1);
  for (let token = 0; token < vocabularySize; token++) embedding[token * width] = 1;
  const unit = 1 / Math.sqrt(width);
  for (let layer = 0; layer < layers; layer++) {
    const at = (part: string): string => `blk.${layer}.${part}.weight`;
    ones(at("attn_norm"));
    matrix(at("attn_q"), width, width, unit);
    matrix(at("attn_k"), width, width, unit);
    matrix(at("attn_v"), width, width, unit);
    matrix(at("attn_output"), width, width, unit).fill(0, 0, width);
    ones(at("ffn_norm"));
    matrix(at("ffn_gate"), width, inner, unit);
    matrix(at("ffn_up"), width, inner, unit);
    matrix(at("ffn_down"), inner, width, 1 / Math.sqrt(inner)).fill(0, 0, inner);
  }
  ones("output_norm.weight");
  const output = matrix("output.weight", width, vocabularySize, SPREAD * unit);
  // Layers add to the other channels, so that after the last norm the constant one is smaller than the 1 that it began with.
  const constant = 1 / Math.sqrt(1 + layers);
  for (let token = 0; token < vocabularySize; token++) {
    output[token * width] = offsetOf(token, vocabulary) / constant;
  }
  return writeGguf(describe(vocabulary, { contextLength, width, layers, inner, seed }), tensors);
}

function describe(
  vocabulary: TinyVocabulary,
  model: { contextLength: number; width: number; layers: number; inner: number; seed: string },
): Record<string, GgufValue> {
  const count = (value: number): GgufValue => ({ type: "uint32", value });
  return {
    "general.architecture": { type: "string", value: "llama" },
    "general.name": { type: "string", value: `tiny-${model.seed}` },
    "llama.context_length": count(model.contextLength),
    "llama.embedding_length": count(model.width),
    "llama.block_count": count(model.layers),
    "llama.feed_forward_length": count(model.inner),
    "llama.rope.dimension_count": count(model.width / HEADS),
    "llama.attention.head_count": count(HEADS),
    "llama.attention.head_count_kv": count(HEADS),
    "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: RMS_EPSILON },
    "tokenizer.ggml.model": { type: "string", value: "llama" },
    "tokenizer.ggml.tokens": { type: "strings", value: vocabulary.pieces },
    "tokenizer.ggml.scores": { type: "float32s", value: vocabulary.scores },
    "tokenizer.ggml.token_type": { type: "int32s", value: vocabulary.types },
    "tokenizer.ggml.unknown_token_id": count(vocabulary.unknown),
    "tokenizer.ggml.bos_token_id": count(vocabulary.bos),
    "tokenizer.ggml.eos_token_id": count(vocabulary.eos),
    "tokenizer.ggml.add_bos_token": { type: "bool", value: true },
    "tokenizer.ggml.add_eos_token": { type: "bool", value: false },
  };
}
