import type { OnnxWriter } from "../onnx/onnx-writer.ts";

/** How weights lie in a model file. */
export type WeightStorage = "fp32" | "int8";

/** Along which axis of a matrix the int8 scales run. */
export type ScaleAxis = "rows" | "columns";

/** Stores a tensor and returns the name of its float32 value in the graph.
 *
 * `int8` keeps matrices as whole multiples of one float scale a row or column (absolute maximum / 127), followed
 * by Cast and Mul: onnxruntime folds these into float32 constants when it loads the file, so that the file shrinks four times and
 * inference stays as fast as fp32. Vectors are small and stay float32. */
export function storeWeight(
  writer: OnnxWriter,
  name: string,
  shape: readonly number[],
  values: Float32Array,
  storage: WeightStorage,
  axis: ScaleAxis,
): string {
  if (storage === "fp32" || shape.length < 2) return writer.initializer(name, "float", shape, values);
  const [rows, columns] = shape as [number, number];
  const groups = axis === "rows" ? rows : columns;
  const groupOf = (i: number): number => (axis === "rows" ? Math.floor(i / columns) : i % columns);
  const scales = new Float32Array(groups);
  for (const [i, value] of values.entries()) scales[groupOf(i)] = Math.max(scales[groupOf(i)]!, Math.abs(value) / 127);
  const steps = Int8Array.from(values, (value, i) => {
    const scale = scales[groupOf(i)]!;
    return scale === 0 ? 0 : Math.round(value / scale);
  });
  const stored = writer.initializer(`${name}.int8`, "int8", shape, steps);
  const scale = writer.initializer(`${name}.scale`, "float", axis === "rows" ? [rows, 1] : [1, columns], scales);
  const [cast] = writer.node("Cast", [stored], { attributes: { to: 1 } });
  return writer.node("Mul", [cast!, scale], { outputs: [name] })[0]!;
}
