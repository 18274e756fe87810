import type { Graph, Tensor } from "../graph/graph.ts";

/** Probabilities below this count as this (85 nats): float32 holds no logarithm of zero. */
const SMALLEST = 1e-37;

/** Weighted sum of negative log-probabilities, a scalar [1], in nats: Σ weight[i] · −ln softmax(logits[i])[target[i]].
 * `logits` [n, vocabulary]; `targets` [n] int64; `weights` [n] (1/n each for a mean, 0 where a position does not count).
 *
 * One softmax serves the loss and its gradient; LogSoftmax would need an Exp over all logits on the way back, which alone took
 * 2 % of a training step. */
export function crossEntropy(graph: Graph, logits: Tensor, targets: Tensor, weights: Tensor): Tensor {
  const column = [logits.shape[0]!, 1];
  const axis = graph.constant([1], [1], "int64");
  const index = graph.emit("Unsqueeze", [targets, axis], column);
  const weight = graph.emit("Unsqueeze", [weights, axis], column);
  const probabilities = graph.emit("Softmax", [logits], logits.shape, { attributes: { axis: -1 } });
  const chosen = graph.emit("GatherElements", [probabilities, index], column, { attributes: { axis: 1 } });
  const bounded = graph.emit("Max", [chosen, graph.constant([SMALLEST], [1])], column);
  const information = graph.emit("Neg", [graph.emit("Log", [bounded], column)], column);
  const all = graph.constant([0, 1], [2], "int64");
  const weighted = graph.emit("Mul", [information, weight], column);
  const sum = graph.emit("ReduceSum", [weighted, all], [], { attributes: { keepdims: 0 } });
  const out = graph.emit("Reshape", [sum, axis], [1]);
  return graph.record([logits], [out], ([dy]) => [
    // d/dlogits = weight · (softmax − one-hot(target)): one pass over the logits, and one subtraction a row.
    () => {
      const factor = graph.emit("Mul", [weight, dy!], column);
      const pull = graph.emit("Mul", [probabilities, factor], logits.shape);
      return graph.emit("ScatterElements", [pull, index, graph.emit("Neg", [factor], column)], logits.shape, {
        attributes: { axis: 1, reduction: "add" },
      });
    },
  ])[0]!;
}
