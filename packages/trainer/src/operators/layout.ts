import type { Graph, Tensor } from "../graph/graph.ts";

/** The same numbers in row-major order under another shape. */
export function reshape(graph: Graph, x: Tensor, shape: readonly number[]): Tensor {
  const out = graph.emit("Reshape", [x, graph.constant(shape, [shape.length], "int64")], shape);
  return graph.record([x], [out], ([dy]) => [() => reshape(graph, dy!, x.shape)])[0]!;
}

/** Axes in another order: axis i of the result is axis `order[i]` of `x`. */
export function transpose(graph: Graph, x: Tensor, order: readonly number[]): Tensor {
  const out = graph.emit(
    "Transpose",
    [x],
    order.map((axis) => x.shape[axis]!),
    { attributes: { perm: order } },
  );
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return graph.record([x], [out], ([dy]) => [() => transpose(graph, dy!, inverse)])[0]!;
}
