import type { Graph, Tensor } from "../graph/graph.ts";

/** SiLU(gate) · up, element by element (Shazeer 2020, eq. 6); both inputs have the same shape. */
export function swiglu(graph: Graph, gate: Tensor, up: Tensor): Tensor {
  const binary = (operator: string, a: Tensor, b: Tensor): Tensor => graph.emit(operator, [a, b], gate.shape);
  const sigmoid = graph.emit("Sigmoid", [gate], gate.shape);
  const silu = binary("Mul", gate, sigmoid);
  const out = binary("Mul", silu, up);
  return graph.record([gate, up], [out], ([dy]) => [
    // d SiLU(g)/dg = σ + g·σ·(1 − σ) = σ + SiLU·(1 − σ).
    () => {
      const slope = binary("Sub", binary("Add", sigmoid, silu), binary("Mul", silu, sigmoid));
      return binary("Mul", binary("Mul", dy!, up), slope);
    },
    () => binary("Mul", dy!, silu),
  ])[0]!;
}
