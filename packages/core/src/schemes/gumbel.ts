import { type Key, schemeSubkey } from "../key.ts";
import { chaskey12, chaskeySchedule } from "../prf/chaskey.ts";
import type { WatermarkScheme } from "../types.ts";
import { checkInteger, checkRecord } from "../validate.ts";
import { defineScheme } from "./define-scheme.ts";
import { keyedUniform, selectByGumbel } from "./gumbel-draw.ts";

/** Options of {@link gumbel}. */
export interface GumbelOptions {
  /** Preceding tokens in the context, 1 to 1,024. @defaultValue 4 */
  readonly contextWidth?: number;
}

/**
 * Keyed Gumbel-max sampling (Aaronson 2022): the draw itself is decided by the key, so it costs no quality on average over keys
 * and gives the most evidence a token. Evidence is −ln(1 − u) of the chosen token, Exp(1) over distinct contexts in text
 * written without the key. A marked draw has no randomness of its own, so one prompt has nearly one answer; `dualGumbel` gives
 * some variety back.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function gumbel(key: Key, options: GumbelOptions = {}): WatermarkScheme {
  checkRecord("gumbel options", options, ["contextWidth"]);
  const { contextWidth = 4 } = options;
  checkInteger("contextWidth", contextWidth, 1, 1024);
  const schedule = chaskeySchedule(schemeSubkey(key, `gumbel/1/${contextWidth}`));
  const state = new Int32Array(4);
  const score = (token: number): number => -Math.log(keyedUniform(state, token));
  return defineScheme(
    {
      name: "gumbel",
      context: { width: contextWidth, prompt: "included", missing: "unmarked" },
      repeats: { kind: "contexts", scope: "all", history: null, counts: "positions" },
      nullLaw: { family: "exponential", weights: [1] },
      unit: "context",
      stage: "after-truncation",
      selects: true,
      needsSampling: true,
      distortionFree: true,
      components: 1,
    },
    {
      seed: (tokens, from, count) => chaskey12(schedule, tokens, from, count, state),
      score,
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit(_token, units, at) {
        units[at] = state[3]!;
        units[at + 1] = state[2]!;
      },
      mark: (logits, { candidates }, best) => selectByGumbel(state, logits, candidates, best),
    },
  );
}
