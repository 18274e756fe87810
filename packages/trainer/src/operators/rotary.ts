import type { Graph, Tensor } from "../graph/graph.ts";

/** Angle per position and pair of features, `positions · base^(−2i/headDim)` (Su et al. 2021, eq. 15), row-major
 * [positions, headDim / 2]. */
export function rotaryAngles(positions: number, headDim: number, base: number): Float64Array {
  const half = headDim / 2;
  const angles = new Float64Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) angles[position * half + i] = position * base ** ((-2 * i) / headDim);
  }
  return angles;
}

/** Rotates the two halves of the last axis of `x` [batch, heads, positions, headDim] by the angle of the position, as Llama
 * does (pair i is features i and i + headDim/2). The gradient is the rotation back.
 *
 * One `RotaryEmbedding` node of onnxruntime stands for nine small ones. */
export function rotary(graph: Graph, x: Tensor, base: number): Tensor {
  const [batch, , positions, headDim] = x.shape as [number, number, number, number];
  const angles = rotaryAngles(positions, headDim, base);
  const table = [positions, headDim / 2];
  const cosine = graph.constant(angles.map(Math.cos), table);
  const rows = Array.from({ length: batch * positions }, (_, i) => i % positions);
  const ids = graph.constant(rows, [batch, positions], "int64");
  const rotate = (value: Tensor, direction: 1 | -1): Tensor => {
    const sine = graph.constant(
      angles.map((angle) => Math.sin(direction * angle)),
      table,
    );
    return graph.emit("RotaryEmbedding", [value, ids, cosine, sine], x.shape, { domain: "com.microsoft" });
  };
  return graph.record([x], [rotate(x, 1)], ([dy]) => [() => rotate(dy!, -1)])[0]!;
}
