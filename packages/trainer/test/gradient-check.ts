import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import seedrandom from "seedrandom";
import { differentiate } from "../src/graph/differentiate.ts";
import { createGraph, elementCount, type Graph, type Tensor } from "../src/graph/graph.ts";
import { reshape } from "../src/operators/layout.ts";
import { matmul } from "../src/operators/matmul.ts";

/** Values in (−1, 1), the same in every run. */
export function values(count: number, seed: string): Float32Array {
  const random = seedrandom(seed);
  return Float32Array.from({ length: count }, () => 2 * random() - 1);
}

/** Largest |analytic − numeric| / (1 + |numeric|) over all elements of all inputs of what `build` makes. The result is reduced to
 * a scalar by fixed random weights, so that no two elements of it can hide each other. */
export async function gradientError(
  shapes: readonly (readonly number[])[],
  build: (graph: Graph, inputs: Tensor[]) => Tensor,
): Promise<number> {
  const graph = createGraph("check");
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, shape, { tracked: true }));
  const made = build(graph, inputs);
  const size = elementCount(made.shape);
  const weights = graph.constant(values(size, "weights"), [size, 1]);
  const loss = matmul(graph, reshape(graph, made, [1, size]), weights);
  graph.output("loss", loss);
  for (const [i, gradient] of differentiate(graph, loss, inputs).entries()) graph.output(`g${i}`, gradient);
  const session = await InferenceSession.create(graph.encode(), { intraOpNumThreads: 1, logSeverityLevel: 3 });

  const data = shapes.map((shape, i) => values(elementCount(shape), `input ${i}`));
  const run = async (names: string[]): Promise<InferenceSession.OnnxValueMapType> =>
    session.run(
      Object.fromEntries(data.map((array, i) => [`x${i}`, new OrtTensor("float32", array, [...shapes[i]!])])),
      names,
    );
  const lossNow = async (): Promise<number> => Number((await run(["loss"])).loss!.data[0]);
  const analytic = await run(shapes.map((_, i) => `g${i}`));
  // Central differences: at 1/128 float32 rounding and the third derivative both stay near 1e-4.
  const step = 1 / 128;
  let worst = 0;
  for (const [i, array] of data.entries()) {
    const gradient = analytic[`g${i}`]!.data as Float32Array;
    for (let j = 0; j < array.length; j++) {
      const value = array[j]!;
      array[j] = value + step;
      const above = await lossNow();
      array[j] = value - step;
      const below = await lossNow();
      array[j] = value;
      const numeric = (above - below) / (2 * step);
      worst = Math.max(worst, Math.abs(gradient[j]! - numeric) / (1 + Math.abs(numeric)));
    }
  }
  return worst;
}
