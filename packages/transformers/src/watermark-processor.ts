import { createLogitsProcessor, type LogitsProcessor, type MarkOutcome, type WatermarkScheme } from "@tokenmark/core";
import { checkGeneration, type GenerationSettings } from "./check-generation.ts";
import { type HostProcessor, toHostProcessor } from "./host.ts";
import { createHostRows } from "./host-rows.ts";
import { readHostScores } from "./host-scores.ts";
import { type RandomOptions, rowRandom } from "./row-random.ts";
import type { PaddingOptions } from "./row-starts.ts";

/** How many positions of a row had which outcome. */
export type OutcomeCounts = Readonly<Partial<Record<MarkOutcome | "no-scheme", number>>>;

/** Options of {@link watermarkProcessor}. */
export interface WatermarkProcessorOptions extends PaddingOptions, RandomOptions {
  /** Width of the logits that the mark was made for: `profile.tokenizer.vocabularySize`. */
  readonly vocabularySize?: number;
  /** The settings that `generate` gets, to be checked now; a processor cannot see them. {@link markedGeneration} does both. */
  readonly generation?: GenerationSettings;
}

/** A marking processor of a host. */
export interface WatermarkProcessor extends HostProcessor {
  /** Outcomes a row of the latest generation, in batch order. */
  outcomes(): readonly OutcomeCounts[];
}

/**
 * Marks what transformers.js writes: pass it as `logits_processor` to `model.generate` or to a text-generation pipeline.
 *
 * Each row of a batch is marked on its own; streamers and stopping criteria see nothing of it. The host runs processors after its
 * temperature and before its sampler, so set `do_sample: true` (schemes that live in the draw need it) and `top_k: 0`: the
 * host otherwise keeps only the 50 best *after* the mark. `top_p` it ignores. {@link exactProcessor} truncates before the
 * mark and repeats from a seed.
 *
 * @example
 * await model.generate({ ...inputs, do_sample: true, top_k: 0, max_new_tokens: 200, logits_processor: watermarkProcessor(scheme) });
 *
 * @throws TokenmarkError what {@link checkGeneration} throws; while generating `bad-logits`, `unsupported-host`,
 * `vocabulary-mismatch`, and whatever `scheme.process` throws.
 */
export function watermarkProcessor(
  scheme: WatermarkScheme,
  options: WatermarkProcessorOptions = {},
): WatermarkProcessor {
  const { vocabularySize, generation } = options;
  if (generation !== undefined) checkGeneration(scheme, generation);
  interface State {
    readonly processor: LogitsProcessor;
    readonly outcomes: Partial<Record<MarkOutcome, number>>;
  }
  const follow = createHostRows<State>(options, (row, promptLength) => ({
    processor: createLogitsProcessor(scheme, { promptLength, random: rowRandom(options, row) }),
    outcomes: {},
  }));
  let latest: readonly State[] = [];
  const host = toHostProcessor((inputIds, logits) => {
    const { data, width } = readHostScores(inputIds, logits, vocabularySize);
    const rows = follow(inputIds);
    latest = rows.map(({ state }) => state);
    for (let r = 0; r < rows.length; r++) {
      const { state, tokens } = rows[r]!;
      const outcome = state.processor.mark(data.subarray(r * width, (r + 1) * width), tokens);
      state.outcomes[outcome] = (state.outcomes[outcome] ?? 0) + 1;
    }
    return logits;
  });
  return Object.assign(host, { outcomes: () => latest.map(({ outcomes }) => ({ ...outcomes })) });
}
