import type { Graph, Tensor } from "../graph/graph.ts";
import { matmul } from "./matmul.ts";

/** Added to the scores of later positions: large enough to vanish in the softmax, finite so that nothing becomes NaN. */
const MASKED = -1e9;

/** Softmax attention in which a position sees itself and what came before (Vaswani et al. 2017, eq. 1). `query`, `key` and
 * `value` are [batch, heads, positions, headDim]. */
export function causalAttention(graph: Graph, query: Tensor, key: Tensor, value: Tensor): Tensor {
  const [batch, heads, positions, headDim] = query.shape as [number, number, number, number];
  const square = [batch, heads, positions, positions];
  const scale = 1 / Math.sqrt(headDim);
  const mask = new Float32Array(positions * positions);
  for (let row = 0; row < positions; row++) mask.fill(MASKED, row * positions + row + 1, (row + 1) * positions);

  const scores = matmul(graph, query, key, { transposeB: true, scale });
  const seen = graph.emit("Add", [scores, graph.constant(mask, [1, 1, positions, positions])], square);
  const weights = graph.emit("Softmax", [seen], square, { attributes: { axis: -1 } });
  const out = graph.emit("MatMul", [weights, value], query.shape);

  return graph.record([query, key, value], [out], ([dy]) => {
    // Row sums of P ∘ dP equal row sums of O ∘ dO, which is headDim wide instead of positions wide (Dao et al. 2022, §3.1).
    let cached: Tensor | undefined;
    const scoreGradient = (): Tensor => {
      if (cached !== undefined) return cached;
      const dWeights = matmul(graph, dy!, value, { transposeB: true });
      const axis = graph.constant([-1], [1], "int64");
      const rowSum = graph.emit(
        "ReduceSum",
        [graph.emit("Mul", [dy!, out], out.shape), axis],
        [...out.shape.slice(0, 3), 1],
      );
      cached = graph.emit("Mul", [weights, graph.emit("Sub", [dWeights, rowSum], square)], square);
      return cached;
    };
    return [
      () => matmul(graph, scoreGradient(), key, { scale }),
      () => matmul(graph, scoreGradient(), query, { transposeA: true, scale }),
      () => matmul(graph, weights, dy!, { transposeA: true }),
    ];
  })[0]!;
}
