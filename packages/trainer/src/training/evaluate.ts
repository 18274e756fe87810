import { type InferenceSession, Tensor } from "onnxruntime-node";
import type { ModelConfig } from "../model/model-config.ts";
import { parameterSpecs, type Weights } from "../model/parameters.ts";
import { batchTensors, type TokenStream } from "./batch-tensors.ts";
import { openSession } from "./session.ts";
import { buildLossGraph } from "./step-graph.ts";

/** Measures weights on a fixed text. */
export interface Evaluator {
  /** Mean negative log-probability of the counted tokens, nats per token. */
  loss(weights: Weights): Promise<number>;
  /** Tokens that count. */
  readonly tokens: number;
}

/** Prepares the loss over `stream`, cut into whole windows; every token but the stream's first is predicted once. */
export async function createEvaluator(
  config: ModelConfig,
  stream: TokenStream,
  options: { batch: number; threads: number },
): Promise<Evaluator> {
  const { batch, threads } = options;
  const { context } = config;
  const session: InferenceSession = await openSession(buildLossGraph(config, batch), threads);
  const starts: number[] = [];
  for (let at = 0; at + 1 < stream.tokens.length; at += context) starts.push(at);
  const groups = Array.from({ length: Math.ceil(starts.length / batch) }, (_, i) =>
    starts.slice(i * batch, (i + 1) * batch),
  );
  const specs = parameterSpecs(config);
  const tokens = groups.reduce((n, group) => n + batchTensors(stream, group, context, batch, "sum").counted, 0);
  return Object.freeze({
    tokens,
    async loss(weights: Weights): Promise<number> {
      const parameters = Object.fromEntries(
        specs.map(({ name, shape }) => [name, new Tensor("float32", weights.get(name)!, [...shape])]),
      );
      let sum = 0;
      for (const group of groups) {
        const { feeds } = batchTensors(stream, group, context, batch, "sum");
        const result = await session.run({ ...parameters, ...feeds });
        sum += (result.loss!.data as Float32Array)[0]!;
      }
      return sum / tokens;
    },
  });
}

/** Bits per byte of a text of `bytes` bytes and `tokens` tokens with mean loss `nats` per token: comparable between tokenizers. */
export function bitsPerByte(nats: number, tokens: number, bytes: number): number {
  return (nats * tokens) / bytes / Math.LN2;
}
