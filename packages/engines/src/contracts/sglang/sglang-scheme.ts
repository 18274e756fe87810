import { defineScheme, type WatermarkScheme } from "@tokenmark/core";
import { largestProbability, runGumbelRace } from "./gumbel-race.ts";
import {
  sglangCoin,
  sglangCoinLimit,
  sglangCoinState,
  sglangContextHash,
  sglangDrawState,
  sglangKeyState,
  sglangScore,
  sglangTokenHash,
} from "./sglang-hash.ts";

/** What an SGLang Gumbel mark depends on. */
export interface SglangSettings {
  readonly key: string;
  readonly keyB: string | null;
  readonly contextWindow: number;
  /** Share of key A. */
  readonly mixingProbability: number;
  /** Positions whose likeliest token is likelier stay unmarked. */
  readonly maxProbability: number;
  /** Most marked contexts a request. */
  readonly maxContexts: number;
}

/**
 * The scheme of SGLang's Gumbel watermark. A context's keyed coin picks key A or B, in generation and detection alike, so
 * evidence is one Exp(1) a context for either. Identity of a unit is the 32-bit context hash: all that the draw sees. Distributions
 * whose likeliest token is likelier than `maxProbability` are declined.
 */
export function sglangScheme(settings: SglangSettings): WatermarkScheme {
  const { key, keyB, contextWindow, mixingProbability, maxProbability, maxContexts } = settings;
  const stateA = sglangKeyState(key);
  const stateB = keyB === null ? 0 : sglangKeyState(keyB);
  const coinState = keyB === null ? 0 : sglangCoinState(key, keyB);
  const limit = sglangCoinLimit(mixingProbability);
  let context = 0;
  let draw = 0;
  const score = (token: number): number => sglangScore(sglangTokenHash(draw, token));
  return defineScheme(
    {
      name: keyB === null ? "sglang-gumbel" : "sglang-gumbel, two keys",
      // A request without a single id before the position is left unmarked by the engine.
      context: { width: contextWindow, prompt: "included", missing: "short", least: 1 },
      repeats: { kind: "contexts", scope: "generated", history: null, counts: "marked", budget: maxContexts },
      nullLaw: { family: "exponential", weights: [1] },
      unit: "context",
      stage: "after-truncation",
      selects: true,
      needsSampling: true,
      distortionFree: true,
      components: 1,
      ...(maxProbability < 1
        ? { declines: (logits: Float32Array) => largestProbability(logits) > maxProbability }
        : {}),
    },
    {
      seed(tokens, from, count) {
        context = sglangContextHash(tokens, from, count);
        const isA = keyB === null || sglangCoin(coinState, context) < limit;
        draw = sglangDrawState(isA ? stateA : stateB, context);
      },
      score,
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit(_token, units, at) {
        units[at] = context;
        units[at + 1] = 0;
      },
      mark(logits, { candidates }, best) {
        runGumbelRace(draw, logits, candidates, best);
      },
    },
  );
}
