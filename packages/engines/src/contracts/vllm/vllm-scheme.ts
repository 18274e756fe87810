import { defineScheme, TokenmarkError, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import { type VllmPrf, vllmScore, vllmUniform } from "./vllm-prf.ts";

/** Which contexts leave a position unmarked. */
export const DEDUP_SCOPES = ["none", "single_turn", "all"] as const;
/** Name of a scope of vLLM's `deduplicate_contexts`. */
export type DedupScope = (typeof DEDUP_SCOPES)[number];

/** What a vLLM Gumbel mark is made of. */
export interface VllmSetting {
  readonly prf: VllmPrf;
  /** The second key and its share of the positions; null for one key. */
  readonly second: { readonly prf: VllmPrf; readonly alpha: number } | null;
  readonly contextWidth: number;
  readonly scope: DedupScope;
  readonly maxHistory: number | null;
}

/**
 * vLLM's `gumbel` and `dual_key_gumbel` (PR 54053, PR 56122): contexts are the last generated ids, −1 standing before the first, and
 * never reach into the prompt; the token is the argmax of logit − ln(−ln u). With two keys a private draw picks the key, and the
 * evidence is (1 − α)·A + α·B.
 *
 * The scope `all` leaves the first `contextWidth` tokens unmarked.
 */
export function vllmGumbelScheme(name: string, setting: VllmSetting): WatermarkScheme {
  const { prf, second, contextWidth, scope, maxHistory } = setting;
  const alpha = second?.alpha ?? 0;
  const score = (token: number): number => {
    const a = vllmScore(prf.word(token));
    return second === null ? a : (1 - alpha) * a + alpha * vllmScore(second.prf.word(token));
  };
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
      nullLaw: { family: "exponential", weights: second === null ? [1] : [1 - alpha, alpha] },
      unit: "context",
      stage: "after-truncation",
      selects: true,
      needsSampling: true,
      distortionFree: scope !== "none" && maxHistory === null,
      components: second === null ? 1 : 2,
    },
    {
      seed(tokens, from, count) {
        prf.load(tokens, from, count);
        second?.prf.load(tokens, from, count);
      },
      score,
      parts(token, out, at) {
        out[at] = vllmScore(prf.word(token));
        if (second !== null) out[at + 1] = vllmScore(second.prf.word(token));
      },
      unit: (_token, units, at) => prf.identity(units, at),
      mark(logits, { candidates, random }) {
        const drawn = second === null ? prf : picksB(alpha, random) ? second.prf : prf;
        selectWinner(drawn, logits, candidates);
      },
    },
  );
}

function picksB(alpha: number, random: (() => number) | undefined): boolean {
  if (alpha === 0 || alpha === 1) return alpha === 1;
  if (random === undefined) {
    throw new TokenmarkError(
      "no-random",
      "random: dual_key_gumbel draws its key privately and wanted a function random(), got none",
    );
  }
  return random() >= shareA(alpha);
}

/** The first entry of float32 softmax(log[1 − α, α]), above which a draw means key B. */
export function shareA(alpha: number): number {
  const { fround, log, exp } = Math;
  const [a, b] = [fround(log(fround(1 - alpha))), fround(log(fround(alpha)))];
  const max = Math.max(a, b);
  const [ea, eb] = [fround(exp(fround(a - max))), fround(exp(fround(b - max)))];
  return fround(ea / fround(ea + eb));
}

/** logit − ln(−ln u) of a candidate. */
export function gumbelValue(prf: VllmPrf, token: number, logit: number): number {
  return logit - Math.log(-Math.log(vllmUniform(prf.word(token))));
}

/** Leaves one finite logit, 0: the winner's, the lowest index among equals. */
function selectWinner(prf: VllmPrf, logits: Float32Array, candidates: TokenSequence | undefined): void {
  let winner = -1;
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] === Number.NEGATIVE_INFINITY) continue;
    const value = gumbelValue(prf, candidates === undefined ? i : candidates[i]!, logits[i]!);
    if (value > best) {
      best = value;
      winner = i;
    }
  }
  logits.fill(Number.NEGATIVE_INFINITY);
  logits[winner] = 0;
}
