import { InferenceSession } from "onnxruntime-node";

/** Opens a graph on the CPU with `threads` threads. Results repeat bit for bit for the same number of threads. */
export async function openSession(model: Uint8Array, threads: number): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    graphOptimizationLevel: "all",
    // Warnings about constants that the optimiser drops; errors still come as exceptions.
    logSeverityLevel: 3,
  });
}
