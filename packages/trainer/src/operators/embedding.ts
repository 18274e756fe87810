import type { Graph, Tensor } from "../graph/graph.ts";

/** Rows of `table` [vocabulary, width] picked by `ids` [n] (int64): [n, width].
 *
 * The gradient adds each row where it came from. `ScatterElements` adds one element after the other, so repeated ids give
 * the same sum in every run; `ScatterND` would add them from several threads. */
export function embedding(graph: Graph, table: Tensor, ids: Tensor): Tensor {
  const width = table.shape[1]!;
  const count = ids.shape[0]!;
  const out = graph.emit("Gather", [table, ids], [count, width], { attributes: { axis: 0 } });
  return graph.record([table], [out], ([dy]) => [
    () => {
      const column = graph.emit("Unsqueeze", [ids, graph.constant([1], [1], "int64")], [count, 1]);
      const shape = graph.constant([count, width], [2], "int64");
      const indices = graph.emit("Expand", [column, shape], [count, width]);
      const zeros = graph.emit("ConstantOfShape", [graph.constant(table.shape, [2], "int64")], table.shape);
      return graph.emit("ScatterElements", [zeros, indices, dy!], table.shape, {
        attributes: { axis: 0, reduction: "add" },
      });
    },
  ])[0]!;
}
