// Compiled, never run: a real sequence must fit the structural types of src/llama-sequence.ts. `.ci/run` does it after `engine:install`.
import type { LlamaContextSequence } from "node-llama-cpp";
import { type NodeLlamaCppSource, nodeLlamaCpp } from "../../src/index.ts";

export const sourceOf = (sequence: LlamaContextSequence): NodeLlamaCppSource => nodeLlamaCpp(sequence);
