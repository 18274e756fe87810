import type { BlindSpot } from "@tokenmark/core";

/**
 * Lists or uniforms that torch drew on a GPU. Its `randperm` is another algorithm there (random keys, a stable sort, shuffled runs), whose keys
 * depend on PyTorch's version and the GPU's model, so that they cannot be drawn here and a text of them looks unmarked.
 */
export const deviceGenerator: BlindSpot = Object.freeze({
  code: "device-generator",
  advice:
    "Ask on which device lists or uniforms were drawn: a GPU's are others, they cannot be drawn here, and their text looks unmarked.",
});
