import { type Key, schemeSubkey } from "../key.ts";
import { chaskey12, chaskeySchedule } from "../prf/chaskey.ts";
import { mixWord } from "../prf/mix.ts";
import type { TokenSequence, WatermarkScheme } from "../types.ts";
import { checkInteger, checkRecord } from "../validate.ts";
import { defineScheme } from "./define-scheme.ts";
import { playTournament } from "./tournament.ts";

/** Options of {@link synthid}. */
export interface SynthidOptions {
  /** Tournament layers m, 1 to 32. @defaultValue 30 */
  readonly depth?: number;
  /** Draws that meet in one match, 2 to 64. @defaultValue 2 */
  readonly leaves?: number;
  /** Preceding tokens in the context (the paper's n-gram length − 1), 1 to 1,024. @defaultValue 4 */
  readonly contextWidth?: number;
}

/**
 * Tournament sampling (Dathathri et al., Nature 634, 2024: SynthID-Text) with Bernoulli(½) g-values: each of `depth` layers
 * gives every token a keyed bit and lets tokens of bit 1 win matches. With two leaves, averaged over keys, the next-token
 * law is the model's own; with more it is not (of draws a, a, b a lot among equal g-values gives a ⅔, but a key that splits
 * them gives it ½), and the text pays for the stronger mark. A detector sums the g-values of the tokens chosen, which over
 * distinct contexts are independent fair bits in text written without the key.
 *
 * All g-bits of a token are the bits of one PRF word.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function synthid(key: Key, options: SynthidOptions = {}): WatermarkScheme {
  checkRecord("synthid options", options, ["depth", "leaves", "contextWidth"]);
  const { depth = 30, leaves = 2, contextWidth = 4 } = options;
  checkInteger("depth", depth, 1, 32);
  checkInteger("leaves", leaves, 2, 64);
  checkInteger("contextWidth", contextWidth, 1, 1024);
  const schedule = chaskeySchedule(schemeSubkey(key, `synthid/1/${contextWidth}/${depth}/${leaves}`));
  const state = new Int32Array(4);
  const mask = depth === 32 ? -1 : (1 << depth) - 1;
  return defineScheme(
    {
      name: "synthid",
      context: { width: contextWidth, prompt: "included", missing: "unmarked" },
      repeats: { kind: "contexts", scope: "all", history: null, counts: "positions" },
      nullLaw: { family: "bernoulli", p: 0.5, weights: new Array<number>(depth).fill(1) },
      unit: "context",
      stage: "after-truncation",
      selects: false,
      needsSampling: true,
      distortionFree: leaves === 2,
      components: depth,
    },
    {
      seed: (tokens, from, count) => chaskey12(schedule, tokens, from, count, state),
      score: (token) => popcount(mixWord(state[0]!, state[1]!, state[2]!, token) & mask),
      parts(token, out, at) {
        const word = mixWord(state[0]!, state[1]!, state[2]!, token);
        for (let layer = 0; layer < depth; layer++) out[at + layer] = (word >>> layer) & 1;
      },
      unit(_token, units, at) {
        units[at] = state[3]!;
        units[at + 1] = state[2]!;
      },
      mark(logits, { candidates }, best) {
        if (words.length < logits.length) words = new Int32Array(logits.length);
        hashWords(words, state, candidates, logits.length);
        playTournament(words, logits, best, depth, leaves);
      },
    },
  );
}

let words = new Int32Array(0);

/** Word by word, bit l being a token's g-value in layer l. */
function hashWords(words: Int32Array, state: Int32Array, candidates: TokenSequence | undefined, n: number): void {
  const [s0, s1, s2] = [state[0]!, state[1]!, state[2]!];
  if (candidates === undefined) for (let i = 0; i < n; i++) words[i] = mixWord(s0, s1, s2, i);
  else for (let i = 0; i < n; i++) words[i] = mixWord(s0, s1, s2, candidates[i]!);
}

function popcount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
