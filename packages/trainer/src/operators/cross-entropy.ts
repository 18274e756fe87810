import type { Graph, Tensor } from "../graph/graph.ts";

/** Weighted sum of negative log-probabilities, a scalar [1], in nats: Σ weight[i] · −ln softmax(logits[i])[target[i]].
 * `logits` [n, vocabulary]; `targets` [n] int64; `weights` [n] (1/n each for a mean, 0 where a position does not count). */
export function crossEntropy(graph: Graph, logits: Tensor, targets: Tensor, weights: Tensor): Tensor {
  const column = [logits.shape[0]!, 1];
  const axis = graph.constant([1], [1], "int64");
  const index = graph.emit("Unsqueeze", [targets, axis], column);
  const weight = graph.emit("Unsqueeze", [weights, axis], column);
  const logProbabilities = graph.emit("LogSoftmax", [logits], logits.shape, { attributes: { axis: -1 } });
  const chosen = graph.emit("GatherElements", [logProbabilities, index], column, { attributes: { axis: 1 } });
  const negative = graph.emit("Neg", [graph.emit("Mul", [chosen, weight], column)], column);
  const all = graph.constant([0, 1], [2], "int64");
  const sum = graph.emit("ReduceSum", [negative, all], [1], { attributes: { keepdims: 0 } });
  const out = graph.emit("Reshape", [sum, axis], [1]);
  return graph.record([logits], [out], ([dy]) => [
    // d/dlogits = weight · (softmax − one-hot(target)): one pass for each factor, and one subtraction a row.
    () => {
      const factor = graph.emit("Mul", [weight, dy!], column);
      const probabilities = graph.emit("Exp", [logProbabilities], logits.shape);
      const pull = graph.emit("Mul", [probabilities, factor], logits.shape);
      return graph.emit("ScatterElements", [pull, index, graph.emit("Neg", [factor], column)], logits.shape, {
        attributes: { axis: 1, reduction: "add" },
      });
    },
  ])[0]!;
}
