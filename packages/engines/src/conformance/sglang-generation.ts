import { TokenmarkError } from "@tokenmark/core";
import {
  sglangCoin,
  sglangCoinLimit,
  sglangCoinState,
  sglangContextHash,
  sglangDrawState,
  sglangKeyState,
  sglangTokenHash,
  sglangUniform,
} from "../contracts/sglang/sglang-hash.ts";
import { engineLogits } from "./engine-logits.ts";
import type { JsonObject } from "./golden.ts";
import { numberIn } from "./markllm-question.ts";

/** Keys and rules of a text's generator. */
export interface SglangGenerator {
  readonly key: string;
  readonly keyB: string | null;
  readonly contextWindow: number;
  readonly mixingProbability: number;
  readonly maxContexts: number;
}

/** What the draws of a text were like. */
export interface SglangGeneration {
  /** `A`, `B`, or why a position is not marked: `e` no context, `r` repeated, `b` budget, `g` gate. `?`: another token would have won. */
  readonly keyUse: string;
  /** The smallest gap between winner and runner-up, relative to the runner-up; infinite without a draw. */
  readonly minMargin: number;
}

/**
 * Follows a text draw by draw with the logits of a recipe: softmax in float64 without truncation, argmax ln(u)/p, lowest id on ties
 * (SGLang PR 37577).
 *
 * @param recipe - `vocab`, `logits`, `temperature` and `max_probability`, as the files tell them.
 * @throws TokenmarkError `bad-argument` for a recipe that no server could have run.
 */
export function followSglang(
  generator: SglangGenerator,
  recipe: JsonObject,
  tokens: readonly number[],
  prompt: readonly number[],
): SglangGeneration {
  const { keyB, contextWindow, mixingProbability, maxContexts } = generator;
  const logitsAt = engineLogits(recipe.logits as JsonObject, numberIn(recipe, "vocab"));
  const temperature = numberIn(recipe, "temperature");
  const gate = numberIn(recipe, "max_probability");
  checkRecipe(recipe, gate);
  const states = { A: sglangKeyState(generator.key), B: keyB === null ? 0 : sglangKeyState(keyB) };
  const coinState = keyB === null ? 0 : sglangCoinState(generator.key, keyB);
  const text = [...prompt, ...tokens];
  const marked = new Set<number>();
  let minMargin = Number.POSITIVE_INFINITY;
  const use = tokens.map((token, position) => {
    const logits = logitsAt(position);
    const at = prompt.length + position;
    const width = Math.min(contextWindow, at);
    const context = sglangContextHash(text, at - width, width);
    const p = softmax(logits, temperature);
    const unmarked = whyUnmarked();
    const isA = keyB === null || sglangCoin(coinState, context) < sglangCoinLimit(mixingProbability);
    const name = unmarked ?? (isA ? "A" : "B");
    if (unmarked !== null) return winnerOf(logits).winner === token ? name : "?";
    marked.add(context);
    const draw = sglangDrawState(isA ? states.A : states.B, context);
    const { winner, margin } = winnerOf(
      p.map((share, id) => Math.log(sglangUniform(sglangTokenHash(draw, id))) / share),
    );
    minMargin = Math.min(minMargin, margin);
    return winner === token ? name : "?";

    function whyUnmarked(): string | null {
      if (width === 0) return "e";
      if (marked.has(context)) return "r";
      if (marked.size >= maxContexts) return "b";
      return p.some((share) => share > gate) ? "g" : null;
    }
  });
  return { keyUse: use.join(""), minMargin };
}

function checkRecipe({ logits }: JsonObject, gate: number): void {
  if (!(gate > 0 && gate <= 1)) {
    throw new TokenmarkError("bad-argument", `max_probability: wanted a number above 0, at most 1, got ${gate}`);
  }
  const { kind, dominant_token: token, dominant_bias: bias } = logits as JsonObject;
  if (kind === "fixture" && (token === null) !== (bias === 0)) {
    throw new TokenmarkError("bad-argument", "logits: wanted a dominant token and its bias, or neither");
  }
}

function softmax(logits: Float32Array, temperature: number): Float64Array {
  const divided = Float64Array.from(logits, (logit) => logit / temperature);
  const top = divided.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const weights = divided.map((value) => Math.exp(value - top));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function winnerOf(values: ArrayLike<number>): { readonly winner: number; readonly margin: number } {
  let winner = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[winner]!) winner = i;
  let second = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (i !== winner) second = Math.max(second, values[i]!);
  return { winner, margin: (values[winner]! - second) / Math.abs(second) };
}
