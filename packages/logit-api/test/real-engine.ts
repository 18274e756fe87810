import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeTinyGguf } from "@tokenmark/testkit";
import type { LlamaSequence } from "../src/index.ts";

const entry = new URL("llama-engine/node_modules/node-llama-cpp/dist/index.js", import.meta.url);
const installed = existsSync(fileURLToPath(entry));

const hint = "node-llama-cpp is not installed, 105 MB: npx -y pnpm@10 run engine:install";
// Thrown here and not in a hook, so that the file counts as failed and not its tests as skipped.
if (!installed && process.env.TOKENMARK_ENGINE === "required")
  throw new Error(`TOKENMARK_ENGINE is "required" and ${hint}`);

export const skipsEngine: boolean = !installed;
/** For the title of a block: says why it is skipped. */
export const engineNote: string = skipsEngine ? ` (skipped: ${hint})` : "";

/** What the tests use of node-llama-cpp beyond what the source does; the package's own types are there only when it is. */
export interface EngineSequence extends LlamaSequence {
  /** A token whose scores are asked for counts as output, any other evaluated token as input. */
  readonly tokenMeter: { readonly usedInputTokens: number; readonly usedOutputTokens: number };
  readonly contextTokens: readonly number[];
  evaluateWithoutGeneratingNewTokens(tokens: readonly number[]): Promise<void>;
  readonly context: LlamaSequence["context"] & { dispose(): Promise<void> };
  dispose(): Promise<void>;
}
interface EngineContext {
  getSequence(): EngineSequence;
}
interface EngineModel {
  createContext(options: Record<string, unknown>): Promise<EngineContext>;
}
interface Engine {
  loadModel(options: Record<string, unknown>): Promise<EngineModel>;
  dispose(): Promise<void>;
}

/** The tests' tiny random model in a real llama.cpp. */
export interface TinyModel {
  /** A new context with one sequence. Threads: one, more would wait for each other on a busy machine. */
  createSequence(contextSize?: number): Promise<EngineSequence>;
  dispose(): Promise<void>;
}

/** Writes a GGUF file to a temporary folder and loads it. */
export async function loadTinyModel(seed: string): Promise<TinyModel> {
  const { getLlama } = (await import(entry.href)) as {
    getLlama(options: Record<string, unknown>): Promise<Engine>;
  };
  const folder = mkdtempSync(join(tmpdir(), "tokenmark-gguf-"));
  const modelPath = join(folder, "tiny.gguf");
  writeFileSync(modelPath, writeTinyGguf({ seed }));
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: "error" });
  const model = await llama.loadModel({ modelPath });
  return {
    createSequence: async (contextSize = 1024) =>
      (await model.createContext({ contextSize, batchSize: 64, threads: 1, sequences: 1 })).getSequence(),
    async dispose(): Promise<void> {
      await llama.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
