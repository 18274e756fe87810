import { defineScheme, type NullLaw, playTournament, type WatermarkScheme } from "@tokenmark/core";
import type { GValues } from "./g-values.ts";
import { popcount } from "./popcount.ts";

/** What a SynthID mark is made of besides its g-values. */
export interface SynthidSetting {
  readonly gValues: () => GValues;
  /** Law of one n-gram's evidence without the key. */
  readonly law: NullLaw;
  readonly ngramLen: number;
  readonly leaves: number;
  readonly history: number;
  /** True: the first n − 1 calls leave the scores alone. */
  readonly skipFirst: boolean;
}

/**
 * The SynthID-Text mark of an engine (Dathathri et al., Nature 634, 2024): a tournament over the g-values of the n-gram that each candidate
 * completes. Contexts begin with zeros at the first generated token and never reach into the prompt; a context that is among the
 * last `history` stays unmarked. Evidence is the number of ones, once for all that the hash of an n-gram sees.
 */
export function synthidEngineScheme(name: string, setting: SynthidSetting): WatermarkScheme {
  const { law, ngramLen, leaves, history, skipFirst } = setting;
  const g = setting.gValues();
  const { onesRun } = g;
  const score = (token: number): number => popcount(g.word(token));
  let words = new Int32Array(0);
  return defineScheme(
    {
      name,
      context: { width: ngramLen - 1, prompt: "excluded", missing: skipFirst ? "unmarked" : { pad: 0 } },
      repeats: { kind: "contexts", scope: "generated", history, counts: "positions" },
      nullLaw: law,
      unit: "ngram",
      stage: "after-truncation",
      selects: false,
      needsSampling: true,
      distortionFree: leaves === 2,
      components: g.depth,
    },
    {
      seed: g.load,
      score,
      parts(token, out, at) {
        const word = g.word(token);
        for (let layer = 0; layer < g.depth; layer++) out[at + layer] = (word >>> layer) & 1;
      },
      unit: g.identity,
      ...(onesRun === undefined
        ? {}
        : {
            scoreRun(tokens, from, out, units, at): void {
              onesRun(tokens, from, ngramLen - 1, out, units, at);
            },
          }),
      mark(logits, { candidates }, best) {
        const n = logits.length;
        const period = candidates === undefined ? Math.min(g.period, n) : n;
        if (words.length < period) words = new Int32Array(period);
        g.words(words, candidates, period);
        playTournament(words, logits, best, g.depth, leaves, period);
      },
    },
  );
}

/** The law of the number of ones where every entry of a mask table is as likely as any other: layers whose keys agree are dependent, and counted so. */
export function maskLaw(masks: Int32Array, depth: number): NullLaw {
  const counts = new Float64Array(depth + 1);
  for (let i = 0; i < masks.length; i++) counts[popcount(masks[i]!)]! += 1;
  const values = [...counts.keys()].filter((ones) => counts[ones]! > 0);
  return {
    family: "lattice",
    values: Float64Array.from(values),
    probabilities: Float64Array.from(values, (ones) => counts[ones]! / masks.length),
  };
}
