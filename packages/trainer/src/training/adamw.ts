import type { Graph, Tensor } from "../graph/graph.ts";

/** Settings of AdamW (Loshchilov & Hutter 2019, algorithm 2). */
export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Fraction of the learning rate by which matrices shrink each step; gains are left alone. */
  readonly weightDecay: number;
  /** Largest norm of the whole gradient; longer ones are scaled down to it (Pascanu et al. 2013, algorithm 1). */
  readonly clipNorm: number;
}

/** Defaults for small models on small batches. */
export const DEFAULT_ADAMW: AdamWOptions = Object.freeze({
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clipNorm: 1,
});

/** What changes from step to step: scalars fed into the graph. */
export interface StepScalars {
  readonly stepSize: number;
  readonly epsilon: number;
  readonly learningRate: number;
}

/** Folds Adam's bias corrections for step `step` (first: 1) into a step size and an epsilon (Kingma & Ba 2015, end of §2). */
export function stepScalars(learningRate: number, step: number, options: AdamWOptions): StepScalars {
  const correction = Math.sqrt(1 - options.beta2 ** step);
  return {
    stepSize: (learningRate * correction) / (1 - options.beta1 ** step),
    epsilon: options.epsilon * correction,
    learningRate,
  };
}

/** Norm of all gradients together, a scalar [1]. */
export function globalNorm(graph: Graph, gradients: readonly Tensor[]): Tensor {
  const squares = gradients.map((gradient) => {
    const flat = graph.emit(
      "Reshape",
      [gradient, graph.constant([-1], [1], "int64")],
      [gradient.shape.reduce((a, b) => a * b, 1)],
    );
    return graph.emit("ReduceSumSquare", [flat], [1]);
  });
  return graph.emit("Sqrt", [graph.emit("Sum", squares, [1])], [1]);
}

/** Factor ≤ 1 [1] that brings a gradient of norm `norm` down to `clipNorm`. */
export function clipFactor(graph: Graph, norm: Tensor, clipNorm: number): Tensor {
  const wanted = graph.emit("Div", [graph.constant([clipNorm], [1]), norm], [1]);
  return graph.emit("Min", [wanted, graph.constant([1], [1])], [1]);
}

/** One parameter's state: itself and Adam's two moments. */
export interface ParameterState {
  readonly weight: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
}

/** Scalars [1] of the step as they stand in the graph. */
export interface StepInputs {
  readonly stepSize: Tensor;
  readonly epsilon: Tensor;
  readonly learningRate: Tensor;
  readonly clip: Tensor;
}

/** The parameter's next state. The clip factor is folded into the moments' scalar weights, which saves a pass. */
export function adamwUpdate(
  graph: Graph,
  state: ParameterState,
  gradient: Tensor,
  inputs: StepInputs,
  options: AdamWOptions,
): ParameterState {
  const { shape } = state.weight;
  const scalar = (value: number): Tensor => graph.constant([value], [1]);
  const binary = (operator: string, a: Tensor, b: Tensor, size: readonly number[] = shape): Tensor =>
    graph.emit(operator, [a, b], size);
  const firstShare = binary("Mul", scalar(1 - options.beta1), inputs.clip, [1]);
  const clipSquare = binary("Mul", inputs.clip, inputs.clip, [1]);
  const secondShare = binary("Mul", scalar(1 - options.beta2), clipSquare, [1]);
  const first = binary("Add", binary("Mul", state.first, scalar(options.beta1)), binary("Mul", gradient, firstShare));
  const square = binary("Mul", gradient, gradient);
  const second = binary("Add", binary("Mul", state.second, scalar(options.beta2)), binary("Mul", square, secondShare));
  const root = binary("Add", graph.emit("Sqrt", [second], shape), inputs.epsilon);
  const change = binary("Mul", binary("Div", first, root), inputs.stepSize);
  if (shape.length < 2 || options.weightDecay === 0) {
    return { weight: binary("Sub", state.weight, change), first, second };
  }
  const shrink = binary("Mul", inputs.learningRate, scalar(options.weightDecay), [1]);
  const keep = binary("Sub", scalar(1), shrink, [1]);
  return { weight: binary("Sub", binary("Mul", state.weight, keep), change), first, second };
}
