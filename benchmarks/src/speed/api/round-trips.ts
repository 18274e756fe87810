import {
  type GenerationSummary,
  generate,
  gumbel,
  type Key,
  kgw,
  synthid,
  unigram,
  type WatermarkScheme,
} from "@tokenmark/core";
import { llamaServer } from "@tokenmark/logit-api";
import { createGenerator } from "@tokenmark/transformers";
import seedrandom from "seedrandom";
import { startModelServer } from "./model-server.ts";

/** Round trips of one scheme at one temperature, one question a token against drafts. */
export interface RoundTripRow {
  readonly temperature: number;
  readonly scheme: string;
  readonly tokens: number;
  readonly each: number;
  readonly drafts: number;
  /** Positions that the server evaluated for nothing. */
  readonly wasted: number;
  /** Wall time in ms, at the server's fixed latency. */
  readonly eachMilliseconds: number;
  readonly draftsMilliseconds: number;
  /** Both ways wrote the same tokens. */
  readonly identical: boolean;
}

/** Options of {@link measureRoundTrips}. */
export interface RoundTripOptions {
  readonly model: { readonly folder: string; readonly dtype?: string; readonly name: string };
  readonly temperatures: readonly number[];
  readonly prompts: readonly string[];
  readonly tokens: number;
  readonly latencyMs: number;
}

/** Writes the same texts both ways through a server of fixed latency over a real model. */
export async function measureRoundTrips(key: Key, options: RoundTripOptions): Promise<readonly RoundTripRow[]> {
  const { model, temperatures, prompts, tokens, latencyMs } = options;
  const generator = await createGenerator(model.folder, {
    ...(model.dtype === undefined ? {} : { dtype: model.dtype }),
    sessionOptions: { intraOpNumThreads: 1 },
  });
  const server = await startModelServer(generator, latencyMs);
  const schemes: readonly (readonly [string, WatermarkScheme | undefined])[] = [
    ["unmarked", undefined],
    ["gumbel", gumbel(key)],
    ["synthid", synthid(key)],
    ["kgw", kgw(key)],
    ["unigram", unigram(key)],
  ];
  const source = llamaServer({ baseURL: server.url, topLogprobs: 100 });

  async function write(
    scheme: WatermarkScheme | undefined,
    temperature: number,
    speculate: boolean,
  ): Promise<{ summaries: readonly GenerationSummary[]; milliseconds: number }> {
    const summaries: GenerationSummary[] = [];
    const start = performance.now();
    for (const [i, text] of prompts.entries()) {
      const settings = {
        maxTokens: tokens,
        temperature,
        speculate,
        random: seedrandom.alea(`round trips/${i}`),
        onEnd: (end: GenerationSummary) => void summaries.push(end),
        ...(scheme === undefined ? {} : { scheme }),
      };
      for await (const _ of generate(source, await source.encode(text), settings));
    }
    return { summaries, milliseconds: performance.now() - start };
  }

  const sum = (summaries: readonly GenerationSummary[], of: (summary: GenerationSummary) => number): number =>
    summaries.reduce((total, summary) => total + of(summary), 0);
  try {
    const rows: RoundTripRow[] = [];
    for (const temperature of temperatures) {
      for (const [name, scheme] of schemes) {
        const each = await write(scheme, temperature, false);
        const drafts = await write(scheme, temperature, true);
        rows.push({
          temperature,
          scheme: name,
          tokens: prompts.length * tokens,
          each: sum(each.summaries, ({ calls }) => calls),
          drafts: sum(drafts.summaries, ({ calls }) => calls),
          wasted: sum(drafts.summaries, ({ drafted, used }) => drafted - used),
          eachMilliseconds: each.milliseconds,
          draftsMilliseconds: drafts.milliseconds,
          identical: each.summaries.every(
            (summary, i) => String(summary.tokens) === String(drafts.summaries[i]!.tokens),
          ),
        });
      }
    }
    return rows;
  } finally {
    await server.close();
    await generator.dispose();
  }
}
