import type { Graph, Tensor } from "../graph/graph.ts";

/** How `matmul` reads its operands. */
export interface MatmulOptions {
  /** Reads `a` with its last two axes swapped. @defaultValue false */
  readonly transposeA?: boolean;
  /** Reads `b` with its last two axes swapped. @defaultValue false */
  readonly transposeB?: boolean;
  /** Factor on the product. @defaultValue 1 */
  readonly scale?: number;
}

/** Matrix product over the last two axes; leading axes must agree and count as a batch.
 *
 * Uses onnxruntime's `FusedMatMul` when an operand is transposed: the gradients need transposed operands, and a separate
 * `Transpose` copies each of them. */
export function matmul(graph: Graph, a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, scale = 1 } = options;
  const rank = a.shape.length;
  const rows = a.shape[transposeA ? rank - 1 : rank - 2]!;
  const columns = b.shape[transposeB ? rank - 2 : rank - 1]!;
  const shape = [...a.shape.slice(0, rank - 2), rows, columns];
  const plain = !transposeA && !transposeB && scale === 1;
  const out = plain
    ? graph.emit("MatMul", [a, b], shape)
    : graph.emit("FusedMatMul", [a, b], shape, {
        domain: "com.microsoft",
        attributes: { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: scale } },
      });
  // With Y = s·op(A)·op(B): dop(A) = s·dY·op(B)ᵀ and dop(B) = s·op(A)ᵀ·dY; a transposed operand gets the transpose of that.
  return graph.record([a, b], [out], ([dy]) => [
    () =>
      transposeA
        ? matmul(graph, b, dy!, { transposeA: transposeB, transposeB: true, scale })
        : matmul(graph, dy!, b, { transposeB: !transposeB, scale }),
    () =>
      transposeB
        ? matmul(graph, dy!, a, { transposeA: true, transposeB: transposeA, scale })
        : matmul(graph, a, dy!, { transposeA: !transposeA, scale }),
  ])[0]!;
}
