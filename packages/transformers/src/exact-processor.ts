import {
  createLogitsProcessor,
  createSampler,
  type MarkOutcome,
  refuseUnmarkable,
  type SamplerOptions,
  type SamplingMark,
  TokenmarkError,
  type WatermarkScheme,
} from "@tokenmark/core";
import { type HostProcessor, toHostProcessor } from "./host.ts";
import { createHostRows, type HostRow } from "./host-rows.ts";
import { readHostScores } from "./host-scores.ts";
import { type RandomOptions, rowRandom } from "./row-random.ts";
import type { PaddingOptions } from "./row-starts.ts";
import type { OutcomeCounts } from "./watermark-processor.ts";

/** Options of {@link exactProcessor}. */
export interface ExactProcessorOptions extends Omit<SamplerOptions, "random">, PaddingOptions, RandomOptions {
  /** Width of the logits that the mark was made for: `profile.tokenizer.vocabularySize`. */
  readonly vocabularySize?: number;
  /** A row that has drawn one of these is finished and repeats it, so that it neither runs on nor keeps the host waiting. */
  readonly endTokens?: readonly number[];
  /** Told of each token as it is drawn; what it throws ends the generation. */
  readonly onToken?: (row: number, token: number) => void;
}

/** The mark of all rows, or of each row its own; null: unmarked. */
export type RowSchemes = WatermarkScheme | null | readonly (WatermarkScheme | null)[];

/** The mark of one row. */
const schemeOfRow = (schemes: RowSchemes, row: number): WatermarkScheme | null =>
  Array.isArray(schemes) ? (schemes as readonly (WatermarkScheme | null)[])[row]! : (schemes as WatermarkScheme | null);

/** What one row has drawn. */
export interface ExactRow {
  /** New tokens, the end token last if there was one. */
  readonly tokens: readonly number[];
  readonly finishReason: "length" | "stop";
  readonly outcomes: OutcomeCounts;
}

/** A sampling processor of a host. */
export interface ExactProcessor extends HostProcessor {
  /** The rows of the latest generation, in batch order. */
  rows(): readonly ExactRow[];
}

interface State {
  readonly random: () => number;
  readonly mark: SamplingMark | undefined;
  readonly drawn: number[];
  readonly outcomes: Partial<Record<MarkOutcome | "no-scheme", number>>;
  outcome: MarkOutcome | "no-scheme";
  finished: boolean;
}

/**
 * Draws each token itself, seeded, and leaves the host one finite score: use it with `do_sample: false` (the host then neither
 * divides by a temperature nor draws) and `num_beams: 1`.
 *
 * Temperature, top-k, top-p and min-p come before the mark, as in core's `generate`, whose tokens it repeats seed for seed. A row
 * depends on its own prompt and seed only, not on the batch (up to the rounding of a batched matrix product). Without a scheme the
 * text is unmarked. A processor that is used again begins each row's random numbers anew. With a list of schemes each row carries its own mark.
 *
 * @throws TokenmarkError `bad-argument`, `needs-sampling`; while generating `bad-logits`, `nan-logits`, `all-masked`,
 * `vocabulary-mismatch`, `unsupported-host` (the host took another token than the one it was left).
 */
export function exactProcessor(schemes: RowSchemes, options: ExactProcessorOptions = {}): ExactProcessor {
  const { vocabularySize, endTokens = [], onToken, temperature, topK, topP, minP, greedy } = options;
  for (const scheme of Array.isArray(schemes) ? schemes : [schemes]) {
    if (scheme !== null) refuseUnmarkable(scheme, options);
  }
  // One sampler, and so one set of buffers, for all rows; its random numbers are those of the row in turn.
  let inTurn: () => number = () => Number.NaN;
  const sampler = createSampler({
    ...(temperature === undefined ? {} : { temperature }),
    ...(topK === undefined ? {} : { topK }),
    ...(topP === undefined ? {} : { topP }),
    ...(minP === undefined ? {} : { minP }),
    ...(greedy === undefined ? {} : { greedy }),
    random: () => inTurn(),
  });

  function createState(row: number, promptLength: number, tokens: readonly number[]): State {
    const random = rowRandom(options, row);
    const scheme = schemeOfRow(schemes, row);
    const processor = scheme && createLogitsProcessor(scheme, { promptLength, random });
    const mark = processor
      ? {
          stage: processor.scheme.stage,
          apply(logits: Float32Array, candidates?: ArrayLike<number>): void {
            state.outcome = processor.mark(logits, tokens, candidates);
          },
        }
      : undefined;
    const state: State = { random, mark, drawn: [], outcomes: {}, outcome: "no-scheme", finished: false };
    return state;
  }

  function draw(scores: Float32Array, row: HostRow<State>, index: number): number {
    const { state, tokens } = row;
    const last = state.drawn.at(-1);
    if (last !== undefined && tokens.at(-1) !== last) {
      throw new TokenmarkError(
        "unsupported-host",
        `row ${index}: wanted the drawn token ${last}, got ${tokens.at(-1)}; exact mode takes do_sample: false and no processor after it`,
      );
    }
    if (state.finished) return last!;
    inTurn = state.random;
    const token = sampler.sample(scores, state.mark === undefined ? {} : { mark: state.mark });
    state.drawn.push(token);
    state.outcomes[state.outcome] = (state.outcomes[state.outcome] ?? 0) + 1;
    state.finished = endTokens.includes(token);
    onToken?.(index, token);
    return token;
  }

  const follow = createHostRows<State>(options, createState);
  let latest: readonly HostRow<State>[] = [];
  const host = toHostProcessor((inputIds, logits) => {
    const { data, width } = readHostScores(inputIds, logits, vocabularySize);
    latest = follow(inputIds);
    for (let r = 0; r < latest.length; r++) {
      const scores = data.subarray(r * width, (r + 1) * width);
      const token = draw(scores, latest[r]!, r);
      scores.fill(Number.NEGATIVE_INFINITY);
      scores[token] = 0;
    }
    return logits;
  });
  return Object.assign(host, {
    rows: () =>
      latest.map(({ state }) => ({
        tokens: [...state.drawn],
        finishReason: state.finished ? ("stop" as const) : ("length" as const),
        outcomes: { ...state.outcomes },
      })),
  });
}
