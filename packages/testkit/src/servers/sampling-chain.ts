import type { TokenId } from "@tokenmark/core";
import { bestTokens } from "./best-tokens.ts";

/** One step of a server's sampler. */
export type SamplingStep = "penalties" | "top_k" | "top_p" | "min_p" | "temperature";

/** How a server draws. Rules whose step is not in `steps` do nothing, as with llama.cpp's `samplers`. */
export interface SamplingRules {
  /** Order of the steps. */
  readonly steps: readonly SamplingStep[];
  /** 0: greedy. */
  readonly temperature: number;
  /** 0 or less: off. */
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  /** Divides positive and multiplies negative logits of tokens that occurred (Keskar et al. 2019); 1: off. */
  readonly repetitionPenalty: number;
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  /** Tokens looked back at for penalties; null: all. */
  readonly penaltyWindow: number | null;
  /** Added to the logits before all steps. */
  readonly bias: ReadonlyMap<TokenId, number>;
  /** Draws the best of what is left, without the temperature step having to cut the rest away. */
  readonly greedy?: boolean;
  /** Only these can be drawn. */
  readonly allowed?: ReadonlySet<TokenId> | undefined;
}

/** Rules that leave the model's own law as it is. */
export const neutralRules: SamplingRules = {
  steps: ["penalties", "temperature", "top_k", "top_p", "min_p"],
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  penaltyWindow: null,
  bias: new Map(),
};

/** What is left after the steps: tokens with their unnormalised logits. Sorted best first if a step truncated. */
export interface Processed {
  readonly tokens: Int32Array;
  readonly logits: Float64Array;
}

/**
 * Applies the rules to raw logits, which stay untouched. `history` holds prompt and output, for the penalties; presence and frequency count from
 * `outputStart` on: vLLM and SGLang count the output only, llama.cpp the prompt too.
 */
export function processLogits(
  raw: Float32Array,
  rules: SamplingRules,
  history: readonly TokenId[],
  outputStart: number = 0,
): Processed {
  let logits: Float64Array = new Float64Array(raw);
  let tokens = new Int32Array(raw.length);
  for (let token = 0; token < tokens.length; token++) tokens[token] = token;
  if (rules.allowed !== undefined)
    for (let token = 0; token < logits.length; token++)
      if (!rules.allowed.has(token)) logits[token] = Number.NEGATIVE_INFINITY;
  for (const [token, bias] of rules.bias) logits[token] = logits[token]! + bias;

  function keep(order: Int32Array): void {
    const kept = new Float64Array(order.length);
    for (let rank = 0; rank < order.length; rank++) kept[rank] = logits[order[rank]!]!;
    tokens = order.map((at) => tokens[at]!);
    logits = kept;
  }

  for (const step of rules.steps) {
    switch (step) {
      case "penalties":
        penalise(logits, rules, history, outputStart);
        break;
      case "top_k":
        if (rules.topK > 0) keep(bestTokens(logits, rules.topK));
        break;
      case "top_p":
        if (rules.topP < 1) {
          keep(bestTokens(logits, logits.length));
          const probabilities = softmax(logits);
          let count = 0;
          for (let sum = 0; count < logits.length && (count === 0 || sum < rules.topP); )
            sum += probabilities[count++]!;
          keep(Int32Array.from({ length: count }, (_, at) => at));
        }
        break;
      case "min_p":
        if (rules.minP > 0) {
          const order = bestTokens(logits, logits.length);
          const floor = logits[order[0]!]! + Math.log(rules.minP);
          keep(order.filter((at, rank) => rank === 0 || logits[at]! >= floor));
        }
        break;
      case "temperature":
        if (rules.temperature > 0)
          for (let at = 0; at < logits.length; at++) logits[at] = logits[at]! / rules.temperature;
        else keep(bestTokens(logits, 1));
        break;
      default:
        step satisfies never;
    }
  }
  return { tokens, logits };
}

/** One draw from what the steps left. No random number is spent on a certain choice. */
export function drawToken({ tokens, logits }: Processed, random: () => number, greedy: boolean = false): TokenId {
  const probabilities = softmax(logits);
  let best = 0;
  let alone = true;
  for (let at = 1; at < probabilities.length; at++) if (probabilities[at]! > probabilities[best]!) best = at;
  for (let at = 0; at < probabilities.length && alone; at++) alone = at === best || probabilities[at] === 0;
  if (!alone && !greedy) {
    let rest = random();
    for (let at = 0; at < probabilities.length; at++) {
      if (probabilities[at] === 0) continue;
      best = at;
      rest -= probabilities[at]!;
      if (rest < 0) break;
    }
  }
  return tokens[best]!;
}

/** Normalised probabilities. */
export function softmax(logits: Float64Array): Float64Array {
  let max = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < logits.length; at++) if (logits[at]! > max) max = logits[at]!;
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let at = 0; at < logits.length; at++) {
    weights[at] = Math.exp(logits[at]! - max);
    total += weights[at]!;
  }
  for (let at = 0; at < weights.length; at++) weights[at] = weights[at]! / total;
  return weights;
}

function penalise(logits: Float64Array, rules: SamplingRules, history: readonly TokenId[], outputStart: number): void {
  const { repetitionPenalty, presencePenalty, frequencyPenalty, penaltyWindow } = rules;
  if (repetitionPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0) return;
  const start = penaltyWindow === null ? 0 : Math.max(0, history.length - penaltyWindow);
  const counts = new Map<TokenId, number>();
  for (let at = start; at < history.length; at++) {
    const token = history[at]!;
    counts.set(token, (counts.get(token) ?? 0) + (at >= outputStart ? 1 : 0));
  }
  for (const [token, count] of counts) {
    const logit = logits[token]!;
    const repeated = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
    logits[token] = repeated - (count > 0 ? presencePenalty : 0) - frequencyPenalty * count;
  }
}
