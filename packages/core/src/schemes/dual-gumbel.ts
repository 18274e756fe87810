import { TokenmarkError } from "../errors.ts";
import { type Key, schemeSubkey } from "../key.ts";
import { chaskey12, chaskeySchedule } from "../prf/chaskey.ts";
import type { WatermarkScheme } from "../types.ts";
import { checkInteger, checkNumber, checkRecord } from "../validate.ts";
import { defineScheme } from "./define-scheme.ts";
import { keyedUniform, selectByGumbel } from "./gumbel-draw.ts";

/** Options of {@link dualGumbel}. */
export interface DualGumbelOptions {
  /** Preceding tokens in the context, 1 to 1,024. @defaultValue 4 */
  readonly contextWidth?: number;
  /** Share of positions that key B decides, in [0, 1]. @defaultValue 0.1 */
  readonly shareB?: number;
}

/**
 * Gumbel-max with two keys (the idea of vLLM's and TextSeal's dual-key marks, 2026): at each position a private coin, not the key,
 * picks A or B, so that one prompt has many answers and none of them is all one key's. Evidence is
 * (1 − shareB)·E_A + shareB·E_B, two independent Exp(1) a distinct context in text written without the key.
 *
 * `process` needs `options.random` for the coin.
 *
 * @throws TokenmarkError `bad-argument`; from `process`: `no-random`.
 */
export function dualGumbel(key: Key, options: DualGumbelOptions = {}): WatermarkScheme {
  checkRecord("dual-gumbel options", options, ["contextWidth", "shareB"]);
  const { contextWidth = 4, shareB = 0.1 } = options;
  checkInteger("contextWidth", contextWidth, 1, 1024);
  checkNumber("shareB", shareB, 0, 1);
  const scheduleA = chaskeySchedule(schemeSubkey(key, `dual-gumbel/1/a/${contextWidth}`));
  const scheduleB = chaskeySchedule(schemeSubkey(key, `dual-gumbel/1/b/${contextWidth}`));
  const a = new Int32Array(4);
  const b = new Int32Array(4);
  const weightA = 1 - shareB;
  return defineScheme(
    {
      name: "dual-gumbel",
      context: { width: contextWidth, prompt: "included", missing: "unmarked" },
      repeats: { kind: "contexts", scope: "all", history: null, counts: "positions" },
      nullLaw: { family: "exponential", weights: [weightA, shareB] },
      unit: "context",
      stage: "after-truncation",
      selects: true,
      needsSampling: true,
      distortionFree: true,
      components: 2,
    },
    {
      seed(tokens, from, count) {
        chaskey12(scheduleA, tokens, from, count, a);
        chaskey12(scheduleB, tokens, from, count, b);
      },
      score: (token) => -weightA * Math.log(keyedUniform(a, token)) - shareB * Math.log(keyedUniform(b, token)),
      parts(token, out, at) {
        out[at] = -Math.log(keyedUniform(a, token));
        out[at + 1] = -Math.log(keyedUniform(b, token));
      },
      unit(_token, units, at) {
        units[at] = a[3]!;
        units[at + 1] = a[2]!;
      },
      mark(logits, { candidates, random }, best) {
        if (random === undefined) {
          throw new TokenmarkError(
            "no-random",
            "random: dual-gumbel draws its key privately and wanted a function random(), got none",
          );
        }
        selectByGumbel(random() < shareB ? b : a, logits, candidates, best);
      },
    },
  );
}
