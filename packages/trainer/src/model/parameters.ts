import seedrandom from "seedrandom";
import { checkModelConfig, type ModelConfig } from "./model-config.ts";

/** One trained tensor of the model. */
export interface ParameterSpec {
  /** Name in the checkpoint, after Llama's. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Standard deviation of the normal initial values; `null` for gains, which start at 1. */
  readonly deviation: number | null;
}

/** Trained tensors by name, row-major. */
export type Weights = ReadonlyMap<string, Float32Array>;

const BASE_DEVIATION = 0.02;

/** Every trained tensor, in a fixed order. Matrices are [inputs, outputs]. */
export function parameterSpecs(config: ModelConfig): readonly ParameterSpec[] {
  checkModelConfig(config);
  const { vocabSize, layers, width, hidden } = config;
  // Outputs that add to the residual stream start smaller, by 1/√(2·layers) (Radford et al. 2019, §2.3).
  const residual = BASE_DEVIATION / Math.sqrt(2 * layers);
  const specs: ParameterSpec[] = [{ name: "embedding", shape: [vocabSize, width], deviation: BASE_DEVIATION }];
  for (let layer = 0; layer < layers; layer++) {
    const add = (name: string, shape: readonly number[], deviation: number | null): void => {
      specs.push({ name: `layers.${layer}.${name}`, shape, deviation });
    };
    add("attention_norm", [width], null);
    add("query", [width, width], BASE_DEVIATION);
    add("key", [width, width], BASE_DEVIATION);
    add("value", [width, width], BASE_DEVIATION);
    add("attention_out", [width, width], residual);
    add("mlp_norm", [width], null);
    add("gate", [width, hidden], BASE_DEVIATION);
    add("up", [width, hidden], BASE_DEVIATION);
    add("down", [hidden, width], residual);
  }
  specs.push({ name: "final_norm", shape: [width], deviation: null });
  return specs;
}

/** Number of trained numbers. */
export function parameterCount(config: ModelConfig): number {
  return parameterSpecs(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Initial weights drawn from `seed`; each tensor has its own stream, so that sizes of one do not move another. */
export function initialWeights(config: ModelConfig, seed: string): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  for (const { name, shape, deviation } of parameterSpecs(config)) {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (deviation === null) values.fill(1);
    else fillNormal(values, deviation, seedrandom(`${seed}/weights/${name}`));
    weights.set(name, values);
  }
  return weights;
}

/** Box & Muller 1958: two uniforms make two normals. */
function fillNormal(values: Float32Array, deviation: number, random: () => number): void {
  for (let i = 0; i < values.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
}
