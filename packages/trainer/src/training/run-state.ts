import { existsSync } from "node:fs";
import { Tensor } from "onnxruntime-node";
import { TrainerError } from "../errors.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { initialWeights, parameterSpecs } from "../model/parameters.ts";
import { type AdamWOptions, stepScalars } from "./adamw.ts";
import { type CurvePoint, readCheckpoint } from "./checkpoint.ts";
import type { TrainOptions } from "./train.ts";

/** The state as the step graph takes it: per parameter P, `P`, `first.P` and `second.P`. */
export type StateTensors = Record<string, Tensor>;

/** State to start from: the checkpoint if there is one, else the first weights and moments of zero. */
export function restoreState(
  config: ModelConfig,
  run: string,
  options: TrainOptions,
): { step: number; curve: readonly CurvePoint[]; tensors: ReadonlyMap<string, Float32Array> } {
  const path = options.checkpoint?.path;
  if (path !== undefined && existsSync(path)) {
    const found = readCheckpoint(path);
    if (found.run !== run) {
      throw new TrainerError(
        "checkpoint-mismatch",
        `checkpoint ${path} belongs to another run (other sizes, data, seed, order or schedule); use another path`,
      );
    }
    return found;
  }
  const weights = options.weights ?? initialWeights(config, options.seed);
  const tensors = new Map<string, Float32Array>();
  for (const { name, shape } of parameterSpecs(config)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = weights.get(name);
    if (values?.length !== size) {
      throw new TrainerError(
        "checkpoint-mismatch",
        `initial weights must hold ${name} with ${size} numbers, got ${values?.length ?? "none"}`,
      );
    }
    tensors.set(name, values);
    tensors.set(`first.${name}`, new Float32Array(size));
    tensors.set(`second.${name}`, new Float32Array(size));
  }
  return { step: 0, curve: [], tensors };
}

/** Wraps arrays as onnxruntime tensors without copying. */
export function stateTensors(config: ModelConfig, arrays: ReadonlyMap<string, Float32Array>): StateTensors {
  const tensors: StateTensors = {};
  for (const { name, shape } of parameterSpecs(config)) {
    for (const key of [name, `first.${name}`, `second.${name}`]) {
      tensors[key] = new Tensor("float32", arrays.get(key)!, [...shape]);
    }
  }
  return tensors;
}

/** The arrays behind a state, without copying. */
export function stateArrays(tensors: StateTensors): Map<string, Float32Array> {
  return new Map(Object.entries(tensors).map(([name, tensor]) => [name, tensor.data as Float32Array]));
}

/** The weights of a state, without the moments. */
export function weightArrays(config: ModelConfig, tensors: StateTensors): Map<string, Float32Array> {
  return new Map(parameterSpecs(config).map(({ name }) => [name, tensors[name]!.data as Float32Array]));
}

/** Scalar inputs of step `step` (first: 1). */
export function scalarFeeds(rate: number, step: number, adamw: AdamWOptions): StateTensors {
  const { stepSize, epsilon, learningRate } = stepScalars(rate, step, adamw);
  const scalar = (value: number): Tensor => new Tensor("float32", Float32Array.of(value), [1]);
  return { step_size: scalar(stepSize), epsilon: scalar(epsilon), learning_rate: scalar(learningRate) };
}
