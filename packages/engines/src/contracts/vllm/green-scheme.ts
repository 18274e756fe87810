import { defineScheme, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import type { DedupScope } from "./vllm-scheme.ts";

/** A green list without a list: every token is asked for itself. */
export interface GreenSetting {
  load(tokens: TokenSequence, from: number, count: number): void;
  isGreen(token: number): boolean;
  identity(into: Uint32Array, at: number): void;
  /** Share of tokens that are green. */
  readonly share: number;
  readonly delta: number;
  readonly contextWidth: number;
  readonly scope: DedupScope;
  readonly maxHistory: number | null;
  readonly stage: WatermarkScheme["stage"];
}

/** vLLM's marks that bias: contexts of generated ids as for `gumbel`, −1 before the first; evidence is one green token a context. */
export function vllmGreenScheme(name: string, setting: GreenSetting): WatermarkScheme {
  const { share, delta, contextWidth, scope, maxHistory, stage } = setting;
  const addend = Math.fround(delta);
  const score = (token: number): number => (setting.isGreen(token) ? 1 : 0);
  return defineScheme(
    {
      name,
      context: { width: contextWidth, prompt: "excluded", missing: scope === "all" ? "unmarked" : { pad: -1 } },
      repeats:
        scope === "none"
          ? { kind: "none" }
          : {
              kind: "contexts",
              scope: scope === "all" ? "all" : "generated",
              history: maxHistory,
              counts: "positions",
            },
      nullLaw: { family: "bernoulli", p: share, weights: [1] },
      unit: "context",
      stage,
      selects: false,
      needsSampling: false,
      distortionFree: false,
      components: 1,
    },
    {
      seed: setting.load,
      score,
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit: (_token, units, at) => setting.identity(units, at),
      mark(logits, { candidates }) {
        for (let i = 0; i < logits.length; i++) {
          if (setting.isGreen(candidates === undefined ? i : candidates[i]!)) logits[i]! += addend;
        }
      },
    },
  );
}
