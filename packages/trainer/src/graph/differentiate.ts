import { add } from "../operators/add.ts";
import type { Graph, Tensor } from "./graph.ts";

/** Appends to the graph what computes the gradient of the scalar `loss` by each of `parameters` (reverse mode:
 * Linnainmaa 1976; the tape is walked backwards once). A parameter that the loss does not use gets zeros. */
export function differentiate(graph: Graph, loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  const gradients = new Map<string, Tensor>([[loss.name, graph.constant([1], loss.shape)]]);
  // The rules below append to the tape themselves; only what was there before belongs to the forward pass.
  const forward = [...graph.tape];
  for (const entry of forward.reverse()) {
    const outputs = entry.outputs.map((tensor) => gradients.get(tensor.name));
    if (outputs.every((gradient) => gradient === undefined)) continue;
    const rules = entry.rule(outputs);
    for (const [i, input] of entry.inputs.entries()) {
      const rule = rules[i];
      if (!input.tracked || rule === null || rule === undefined) continue;
      const gradient = rule();
      const sum = gradients.get(input.name);
      gradients.set(input.name, sum === undefined ? gradient : add(graph, sum, gradient));
    }
  }
  return parameters.map((parameter) => {
    const found = gradients.get(parameter.name);
    if (found !== undefined) return found;
    const shape = graph.constant(parameter.shape, [parameter.shape.length], "int64");
    return graph.emit("ConstantOfShape", [shape], parameter.shape);
  });
}
