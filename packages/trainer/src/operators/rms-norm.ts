import type { Graph, Tensor } from "../graph/graph.ts";

/** Root-mean-square normalisation (Zhang & Sennrich 2019, eq. 4) of the rows of `x` [n, width], times `gain` [width]. */
export function rmsNorm(graph: Graph, x: Tensor, gain: Tensor, epsilon: number): Tensor {
  const column = [x.shape[0]!, 1];
  const mean = (value: Tensor): Tensor => graph.emit("ReduceMean", [value], column, { attributes: { axes: [1] } });
  const square = mean(graph.emit("Mul", [x, x], x.shape));
  const root = graph.emit("Sqrt", [graph.emit("Add", [square, graph.constant([epsilon], [1])], column)], column);
  const inverse = graph.emit("Reciprocal", [root], column);
  const unit = graph.emit("Mul", [x, inverse], x.shape);
  const out = graph.emit("Mul", [unit, gain], x.shape);
  return graph.record([x, gain], [out], ([dy]) => [
    // With u = x/rms(x): dx = (du − u·mean(du·u)) / rms(x), du = dy·gain.
    () => {
      const dUnit = graph.emit("Mul", [dy!, gain], x.shape);
      const along = mean(graph.emit("Mul", [dUnit, unit], x.shape));
      const across = graph.emit("Sub", [dUnit, graph.emit("Mul", [unit, along], x.shape)], x.shape);
      return graph.emit("Mul", [across, inverse], x.shape);
    },
    () => {
      const product = graph.emit("Mul", [dy!, unit], x.shape);
      const axis = graph.constant([0], [1], "int64");
      return graph.emit("ReduceSum", [product, axis], gain.shape, { attributes: { keepdims: 0 } });
    },
  ])[0]!;
}
