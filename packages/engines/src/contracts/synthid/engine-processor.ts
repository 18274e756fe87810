import type { GValues } from "./g-values.ts";

/** What a processor does with a step. */
export type StepPath = "watermarked" | "repeat" | "skip";

/** The state that an engine's processor keeps for one row. */
export interface EngineProcessor {
  /** Takes the last token of the input, loads the context into the g-values and says what becomes of the scores. */
  step(lastToken: number): StepPath;
}

/** How an engine's processor goes on from step to step. */
export interface EngineProcessorOptions {
  readonly ngramLen: number;
  readonly history: number;
  readonly skipFirst: boolean;
  /** False: repeated contexts are marked again. */
  readonly checksRepeats: boolean;
}

/**
 * The steps of Hugging Face's, DeepMind's and MarkLLM's processors: the first call does not look at its input, so that contexts begin with
 * zeros; a context enters the history also where it repeats, not where the call is skipped.
 */
export function engineProcessor(
  g: Pick<GValues, "load" | "contextHash">,
  options: EngineProcessorOptions,
): EngineProcessor {
  const { ngramLen, history, skipFirst, checksRepeats } = options;
  const context = new Int32Array(ngramLen - 1);
  const seen: string[] = [];
  const hash = new Uint32Array(2);
  let calls = 0;
  return {
    step(lastToken: number): StepPath {
      if (calls > 0) {
        context.copyWithin(0, 1);
        context[ngramLen - 2] = lastToken;
      }
      calls++;
      g.load(context, 0, ngramLen - 1);
      if (skipFirst && calls < ngramLen) return "skip";
      g.contextHash(hash);
      const name = hash.join();
      const isRepeat = checksRepeats && (seen.includes(name) || (name === "0,0" && seen.length < history));
      seen.push(name);
      if (seen.length > history) seen.shift();
      return isRepeat ? "repeat" : "watermarked";
    },
  };
}
