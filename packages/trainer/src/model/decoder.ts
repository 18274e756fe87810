import type { Graph, Tensor } from "../graph/graph.ts";
import { add } from "../operators/add.ts";
import { causalAttention } from "../operators/causal-attention.ts";
import { embedding } from "../operators/embedding.ts";
import { reshape, transpose } from "../operators/layout.ts";
import { matmul } from "../operators/matmul.ts";
import { rmsNorm } from "../operators/rms-norm.ts";
import { rotary } from "../operators/rotary.ts";
import { swiglu } from "../operators/swiglu.ts";
import { DEFAULT_NORM_EPSILON, DEFAULT_ROPE_BASE, type ModelConfig } from "./model-config.ts";

/** Logits [batch · context, vocabSize] of a Llama-shaped decoder (Touvron et al. 2023, §2.2) over whole windows. `ids` is
 * [batch · context] int64, window after window; `parameter` finds a trained tensor by name. */
export function decoderLogits(
  graph: Graph,
  config: ModelConfig,
  ids: Tensor,
  parameter: (name: string) => Tensor,
): Tensor {
  const { layers, width, heads, context } = config;
  const ropeBase = config.ropeBase ?? DEFAULT_ROPE_BASE;
  const epsilon = config.normEpsilon ?? DEFAULT_NORM_EPSILON;
  const rows = ids.shape[0]!;
  const split = [rows / context, context, heads, width / heads];
  const perHead = (x: Tensor): Tensor => transpose(graph, reshape(graph, x, split), [0, 2, 1, 3]);

  let stream = embedding(graph, parameter("embedding"), ids);
  for (let layer = 0; layer < layers; layer++) {
    const own = (name: string): Tensor => parameter(`layers.${layer}.${name}`);
    const before = rmsNorm(graph, stream, own("attention_norm"), epsilon);
    const query = rotary(graph, perHead(matmul(graph, before, own("query"))), ropeBase);
    const key = rotary(graph, perHead(matmul(graph, before, own("key"))), ropeBase);
    const value = perHead(matmul(graph, before, own("value")));
    const mixed = transpose(graph, causalAttention(graph, query, key, value), [0, 2, 1, 3]);
    stream = add(graph, stream, matmul(graph, reshape(graph, mixed, [rows, width]), own("attention_out")));
    const normed = rmsNorm(graph, stream, own("mlp_norm"), epsilon);
    const inner = swiglu(graph, matmul(graph, normed, own("gate")), matmul(graph, normed, own("up")));
    stream = add(graph, stream, matmul(graph, inner, own("down")));
  }
  const last = rmsNorm(graph, stream, parameter("final_norm"), epsilon);
  return matmul(graph, last, parameter("embedding"), { transposeB: true });
}
