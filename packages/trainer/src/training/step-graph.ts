import { differentiate } from "../graph/differentiate.ts";
import { createGraph, type Graph, type Tensor } from "../graph/graph.ts";
import { decoderLogits } from "../model/decoder.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { parameterSpecs } from "../model/parameters.ts";
import { crossEntropy } from "../operators/cross-entropy.ts";
import { type AdamWOptions, adamwUpdate, clipFactor, globalNorm } from "./adamw.ts";

/** Adds the model and its loss over a batch of windows: inputs `ids`, `targets` and `weights`, each [batch · context]. */
function lossOf(graph: Graph, config: ModelConfig, batch: number, parameters: ReadonlyMap<string, Tensor>): Tensor {
  const rows = [batch * config.context];
  const ids = graph.input("ids", rows, { type: "int64" });
  const targets = graph.input("targets", rows, { type: "int64" });
  const weights = graph.input("weights", rows);
  const logits = decoderLogits(graph, config, ids, (name) => parameters.get(name)!);
  return crossEntropy(graph, logits, targets, weights);
}

function parameterInputs(graph: Graph, config: ModelConfig, tracked: boolean): Map<string, Tensor> {
  return new Map(parameterSpecs(config).map(({ name, shape }) => [name, graph.input(name, shape, { tracked })]));
}

/** ONNX bytes of one training step. Inputs: `ids`, `targets`, `weights`, `step_size`, `epsilon`, `learning_rate`, and per
 * parameter P its value `P` and moments `first.P`, `second.P`. Outputs: `loss` and `gradient_norm` (before clipping), and
 * `next.P`, `next.first.P`, `next.second.P`. */
export function buildStepGraph(config: ModelConfig, batch: number, options: AdamWOptions): Uint8Array {
  const graph = createGraph("training_step");
  const parameters = parameterInputs(graph, config, true);
  const loss = lossOf(graph, config, batch, parameters);
  const names = [...parameters.keys()];
  const gradients = differentiate(graph, loss, [...parameters.values()]);
  const norm = globalNorm(graph, gradients);
  const inputs = {
    stepSize: graph.input("step_size", [1]),
    epsilon: graph.input("epsilon", [1]),
    learningRate: graph.input("learning_rate", [1]),
    clip: clipFactor(graph, norm, options.clipNorm),
  };
  graph.output("loss", loss);
  graph.output("gradient_norm", norm);
  for (const [i, name] of names.entries()) {
    const weight = parameters.get(name)!;
    const first = graph.input(`first.${name}`, weight.shape);
    const second = graph.input(`second.${name}`, weight.shape);
    const next = adamwUpdate(graph, { weight, first, second }, gradients[i]!, inputs, options);
    graph.output(`next.${name}`, next.weight);
    graph.output(`next.first.${name}`, next.first);
    graph.output(`next.second.${name}`, next.second);
  }
  return graph.encode();
}

/** ONNX bytes that compute the loss alone (held-out text). Inputs: `ids`, `targets`, `weights` and the parameters; output:
 * `loss`. */
export function buildLossGraph(config: ModelConfig, batch: number): Uint8Array {
  const graph = createGraph("loss");
  graph.output("loss", lossOf(graph, config, batch, parameterInputs(graph, config, false)));
  return graph.encode();
}

/** ONNX bytes that compute the logits [batch · context, vocabSize] the training graph trains. Inputs: `ids`, parameters. */
export function buildLogitsGraph(config: ModelConfig, batch: number): Uint8Array {
  const graph = createGraph("logits");
  const parameters = parameterInputs(graph, config, false);
  const ids = graph.input("ids", [batch * config.context], { type: "int64" });
  graph.output(
    "logits",
    decoderLogits(graph, config, ids, (name) => parameters.get(name)!),
  );
  return graph.encode();
}
