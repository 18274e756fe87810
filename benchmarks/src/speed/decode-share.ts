import { createLogitsProcessor, createSampler, type Key, type WatermarkScheme } from "@tokenmark/core";
import { createGenerator } from "@tokenmark/transformers";
import seedrandom from "seedrandom";
import { median, timePaired } from "../timing.ts";
import { markingCases } from "./cases.ts";

/** What a scheme adds to one decode step of a real model. */
export interface ShareRow {
  readonly scheme: string;
  /** Microseconds of watermark work a token beyond the unmarked sampler in the same mode. */
  readonly addedMicroseconds: number;
  /** The same over the model's own decode step. */
  readonly shareOfStep: number;
}

/** A model's step and each scheme's share of it. */
export interface DecodeShare {
  readonly model: string;
  readonly vocabularySize: number;
  readonly topK: number;
  readonly stepMilliseconds: number;
  readonly samplerMicroseconds: number;
  readonly rows: readonly ShareRow[];
}

const PROMPT = "Once upon a time there was";

/**
 * Exact mode at a top-k: the model writes a text (median milliseconds a token, batch 1), its logits along that text are kept,
 * and each scheme's sampler walks them in turn with the unmarked sampler.
 */
export async function measureDecodeShare(
  key: Key,
  model: { readonly folder: string; readonly dtype?: string; readonly name: string },
  options: { readonly topK: number; readonly tokens: number; readonly runs: number },
): Promise<DecodeShare> {
  const { topK, tokens, runs } = options;
  const generator = await createGenerator(model.folder, model.dtype === undefined ? {} : { dtype: model.dtype });
  try {
    const steps: number[] = [];
    let ids: readonly number[] = [];
    for (let run = 0; run < runs + 1; run++) {
      const start = performance.now();
      const written = await generator.generate(PROMPT, { maxTokens: tokens, topK, seed: `step/${run}` });
      if (run > 0) steps.push((performance.now() - start) / written.tokens.length);
      if (written.tokens.length > ids.length) ids = written.tokens;
    }
    const logits: Float32Array[] = [];
    for await (const row of generator.reader.read(ids)) logits.push(row.slice());
    const stepMilliseconds = median(steps);
    let samplerMicroseconds = Number.NaN;
    const rows = markingCases(key).map(({ name, scheme }): ShareRow => {
      const walk = walker(logits, ids, topK);
      const { a, difference } = timePaired(
        () => walk(null),
        () => walk(scheme),
        { runs: 40 },
      );
      samplerMicroseconds = (1000 * a) / logits.length;
      const addedMicroseconds = (1000 * difference) / logits.length;
      return { scheme: name, addedMicroseconds, shareOfStep: addedMicroseconds / 1000 / stepMilliseconds };
    });
    return {
      model: model.name,
      vocabularySize: generator.vocabularySize,
      topK,
      stepMilliseconds,
      samplerMicroseconds,
      rows,
    };
  } finally {
    await generator.dispose();
  }
}

/** Samples once at every position of the text, marked or not; the drawn tokens are thrown away so that every walk is alike. */
function walker(
  logits: readonly Float32Array[],
  ids: readonly number[],
  topK: number,
): (scheme: WatermarkScheme | null) => void {
  const scratch = new Float32Array(logits[0]!.length);
  return (scheme) => {
    const random = seedrandom.alea("walk");
    const sampler = createSampler({ topK, random });
    const processor = scheme && createLogitsProcessor(scheme, { promptLength: 1, random });
    const tokens = [ids[0]!];
    const mark = processor && {
      stage: processor.scheme.stage,
      apply: (row: Float32Array, candidates?: ArrayLike<number>): void => void processor.mark(row, tokens, candidates),
    };
    for (let at = 0; at + 1 < logits.length; at++) {
      scratch.set(logits[at]!);
      sampler.sample(scratch, mark === null ? {} : { mark });
      tokens.push(ids[at + 1]!);
    }
  };
}
