import type { Graph, Tensor } from "../graph/graph.ts";

/** Sum of two values of the same shape; the gradient goes to both unchanged. */
export function add(graph: Graph, a: Tensor, b: Tensor): Tensor {
  const out = graph.emit("Add", [a, b], a.shape);
  return graph.record([a, b], [out], ([dy]) => [() => dy!, () => dy!])[0]!;
}
