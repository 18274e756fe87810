import { Tensor } from "onnxruntime-node";

/** Text as ids, and which of them count as targets. */
export interface TokenStream {
  readonly tokens: ArrayLike<number>;
  /** 1 where the token counts when it is the target, 0 where the loss passes over it; absent: all count. */
  readonly lossMask?: ArrayLike<number>;
}

/** Inputs `ids`, `targets` and `weights` of the graphs, and how many targets count. */
export interface BatchTensors {
  readonly feeds: { readonly ids: Tensor; readonly targets: Tensor; readonly weights: Tensor };
  readonly counted: number;
}

/** Cuts windows of `context` tokens at `starts`. With `mean`, weights add up to 1 (or are all 0 when nothing counts); else each
 * counted target weighs 1. Rows missing to `batch` are zeros of weight 0, and so are targets past the end of the stream. */
export function batchTensors(
  stream: TokenStream,
  starts: readonly number[],
  context: number,
  batch: number,
  reduction: "mean" | "sum",
): BatchTensors {
  const { tokens, lossMask } = stream;
  const rows = batch * context;
  const ids = new BigInt64Array(rows);
  const targets = new BigInt64Array(rows);
  const weights = new Float32Array(rows);
  let counted = 0;
  for (const [row, start] of starts.entries()) {
    for (let i = 0; i < context && start + i + 1 < tokens.length; i++) {
      const at = row * context + i;
      ids[at] = BigInt(tokens[start + i]!);
      targets[at] = BigInt(tokens[start + i + 1]!);
      if (lossMask === undefined || lossMask[start + i + 1] === 1) {
        weights[at] = 1;
        counted++;
      }
    }
  }
  if (reduction === "mean" && counted > 0) {
    for (let i = 0; i < rows; i++) weights[i] = weights[i]! / counted;
  }
  return {
    feeds: {
      ids: new Tensor("int64", ids, [rows]),
      targets: new Tensor("int64", targets, [rows]),
      weights: new Tensor("float32", weights, [rows]),
    },
    counted,
  };
}
