import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { generate, gumbel, type Key } from "@tokenmark/core";
import { nodeLlamaCpp } from "@tokenmark/logit-api";
import { writeTinyGguf } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { median } from "../../timing.ts";

/** A token on the real llama.cpp, in this process. */
export interface RealEngineSpeed {
  readonly tokens: number;
  /** Milliseconds a token that the engine alone needs, asked for the same scores of the same tokens. */
  readonly engineMilliseconds: number;
  /** Milliseconds a token of marked text. */
  readonly markedMilliseconds: number;
}

const engineFolder = fileURLToPath(new URL("../../../../packages/logit-api/test/llama-engine/", import.meta.url));

/** What is used of node-llama-cpp, which is no dependency of ours. */
interface Engine {
  getLlama(options: object): Promise<{ loadModel(options: object): Promise<EngineModel>; dispose(): Promise<void> }>;
}
interface EngineModel {
  createContext(options: object): Promise<{ getSequence(): Parameters<typeof nodeLlamaCpp>[0] }>;
}

/** The engine of `npx -y pnpm@10 run engine:install`; null where it is not installed. */
async function loadEngine(): Promise<Engine | null> {
  if (!existsSync(join(engineFolder, "node_modules/node-llama-cpp"))) return null;
  const entry = createRequire(join(engineFolder, "package.json")).resolve("node-llama-cpp");
  return (await import(pathToFileURL(entry).href)) as Engine;
}

/** Writes a marked text on a tiny model of random weights, and asks the engine for the same scores without us. */
export async function measureRealEngine(
  key: Key,
  options: { readonly tokens: number; readonly runs: number },
): Promise<RealEngineSpeed | null> {
  const engine = await loadEngine();
  if (engine === null) return null;
  const { tokens, runs } = options;
  const folder = await mkdtemp(join(tmpdir(), "tokenmark-bench-"));
  const llama = await engine.getLlama({ gpu: false, build: "never", progressLogs: false, logLevel: "error" });
  try {
    const modelPath = join(folder, "tiny.gguf");
    await writeFile(modelPath, writeTinyGguf({ seed: "bench" }));
    const model = await llama.loadModel({ modelPath });
    const context = await model.createContext({ contextSize: 1024, threads: 1 });
    const source = nodeLlamaCpp(context.getSequence(), { topLogprobs: 100 });
    const prompt = source.encode("Once upon a time");
    const scheme = gumbel(key);
    const [alone, marked]: [number[], number[]] = [[], []];
    for (let run = -1; run < runs; run++) {
      const text = [...prompt];
      let start = performance.now();
      const settings = { scheme, maxTokens: tokens, random: seedrandom.alea("engine") };
      for await (const { token } of generate(source, prompt, settings)) text.push(token);
      if (run >= 0) marked.push((performance.now() - start) / tokens);
      // From the same state: a question that shares nothing with the text.
      await source.next(prompt.slice(0, 1));
      start = performance.now();
      for (let length = prompt.length; length < text.length; length++) await source.next(text.slice(0, length));
      if (run >= 0) alone.push((performance.now() - start) / tokens);
      await source.next(prompt.slice(0, 1));
    }
    return { tokens, engineMilliseconds: median(alone), markedMilliseconds: median(marked) };
  } finally {
    await llama.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}
