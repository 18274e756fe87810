import { skipRule } from "../contracts/vllm/skip-rule.ts";
import { exactDualTail, momentMatchedP, type VllmDetection, vllmDetect } from "../contracts/vllm/vllm-detector.ts";
import {
  deriveKeys,
  hmacPrf,
  philoxPrf,
  premergePrf,
  type VllmPrf,
  vllmScore,
  vllmUniform,
} from "../contracts/vllm/vllm-prf.ts";
import { type DedupScope, gumbelValue, shareA } from "../contracts/vllm/vllm-scheme.ts";
import { engineLogits } from "./engine-logits.ts";
import type { GoldenQuestion, JsonObject, Operation } from "./golden.ts";
import { integerIn, numberIn, textIn, tokensIn } from "./markllm-question.ts";

function words(prf: VllmPrf, { input }: GoldenQuestion): readonly number[] {
  const context = tokensIn(input, "context");
  prf.load(context, 0, context.length);
  return tokensIn(input, "tokens").map((token) => prf.word(token));
}

function philoxWords(question: GoldenQuestion): unknown {
  const prf = philoxPrf(integerIn(question.params, "key"), integerIn(question.params, "stream", "0"));
  const found = words(prf, question);
  return { words: found, uniform: found.map(vllmUniform), state: prf.state };
}

function earlyWords(make: (key: bigint) => VllmPrf): (question: GoldenQuestion) => unknown {
  return (question) => {
    const found = words(make(integerIn(question.params, "key")), question);
    return { words: found, mantissa24: found.map((word) => word >>> 8) };
  };
}

function uniforms({ input }: GoldenQuestion): unknown {
  const given = tokensIn(input, "words");
  return { uniform: given.map(vllmUniform), score: given.map(vllmScore) };
}

function derive({ params }: GoldenQuestion): unknown {
  const [a, b] = deriveKeys(integerIn(params, "key"));
  return { key_a: a.toString(), key_b: b.toString() };
}

function historyOf(params: JsonObject): number | null {
  return params.max_history === null ? null : numberIn(params, "max_history");
}

function skipMask({ params, input }: GoldenQuestion): unknown {
  const scope = textIn(params, "scope") as DedupScope;
  const rule = skipRule(scope, numberIn(params, "context_width"), historyOf(params), tokensIn(input, "prompt"));
  const skipped = tokensIn(input, "generated").map((token) => {
    const isSkipped = rule.isSkipped();
    rule.push(token);
    return isSkipped ? 1 : 0;
  });
  return { skip: skipped.join("") };
}

/** One key, or the two derived ones with a share. */
interface Keys {
  readonly prf: VllmPrf;
  readonly second: { readonly prf: VllmPrf; readonly alpha: number } | null;
}

function keysOf(params: JsonObject, keyName: string, alphaName: string): Keys {
  const key = integerIn(params, keyName);
  if (textIn(params, "algorithm") !== "dual_key_gumbel") return { prf: philoxPrf(key), second: null };
  const [a, b] = deriveKeys(key);
  return { prf: philoxPrf(a), second: { prf: philoxPrf(b), alpha: numberIn(params, alphaName) } };
}

function detectionRecord(detection: VllmDetection, isDual: boolean): object {
  const { scored, score, p, exactLogP, words: found, wordsB, mask } = detection;
  return {
    num_scored_tokens: scored,
    score,
    p_value: p,
    exact_log10_p: exactLogP / Math.LN10,
    scored: mask.join(""),
    ...(isDual ? { words_a: found, words_b: wordsB } : { words: found }),
  };
}

function detect({ params, input }: GoldenQuestion): unknown {
  const keys = keysOf(params, "key", "alpha");
  const setting = {
    ...keys,
    contextWidth: numberIn(params, "context_width"),
    deduplicate: params.deduplicate !== false,
  };
  return detectionRecord(vllmDetect(setting, tokensIn(input, "tokens")), keys.second !== null);
}

interface Generated {
  readonly tokens: readonly number[];
  readonly trace: object;
  readonly use: string;
  readonly margin: number;
}

function generate({ params, input }: GoldenQuestion): Generated {
  const { prf, second } = keysOf(params, "key", "generation_alpha");
  const width = numberIn(params, "context_width");
  const prompt = tokensIn(input, "prompt");
  const logitsAt = engineLogits(input.logits as JsonObject, numberIn(input, "vocab"));
  const rule = skipRule(textIn(params, "deduplicate_contexts") as DedupScope, width, historyOf(params), prompt);
  const draws = input.routing_uniforms as readonly number[] | null;
  const isRouted = second !== null && second.alpha > 0 && second.alpha < 1;
  const padded = new Array<number>(width).fill(-1);
  const tokens: number[] = [];
  let [use, margin, routedB, effectiveB, skips, partial] = ["", Number.POSITIVE_INFINITY, 0, 0, 0, 0];
  for (let position = 0; position < numberIn(input, "num_tokens"); position++) {
    const isB = isRouted ? draws![position % draws!.length]! >= shareA(second.alpha) : second?.alpha === 1;
    if (isRouted && isB) routedB++;
    const logits = logitsAt(position);
    const isSkipped = rule.isSkipped();
    if (isSkipped) {
      skips++;
      if (rule.isPartial()) partial++;
    } else if (isRouted && isB) effectiveB++;
    const drawn = isB ? second!.prf : prf;
    drawn.load(padded, position, width);
    const values = isSkipped ? logits : Array.from(logits, (logit, token) => gumbelValue(drawn, token, logit));
    const winner = argmax(values);
    if (!isSkipped) margin = Math.min(margin, gap(values, winner));
    use += isSkipped ? "-" : isB ? "B" : "A";
    rule.push(winner);
    tokens.push(winner);
    padded.push(winner);
  }
  const trace = {
    routing_draws: isRouted ? tokens.length : 0,
    key_b_routed: isRouted ? routedB : null,
    key_b_effective: isRouted ? effectiveB : null,
    dedup_skips: skips,
    partial_context_skips: partial,
  };
  return { tokens, trace, use, margin };
}

function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

function gap(values: ArrayLike<number>, winner: number): number {
  let second = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (i !== winner) second = Math.max(second, values[i]!);
  return values[winner]! - second;
}

function generateDetect(question: GoldenQuestion): unknown {
  const { params } = question;
  const { tokens, trace, use, margin } = generate(question);
  const keys = keysOf(params, "detection_key", "detection_alpha");
  const setting = {
    ...keys,
    contextWidth: numberIn(params, "context_width"),
    deduplicate: params.detection_deduplicate !== false,
  };
  const detection = vllmDetect(setting, tokens);
  return {
    tokens,
    trace,
    key_use: use,
    min_margin: margin,
    detection: detectionRecord(detection, keys.second !== null),
    is_watermarked: detection.scored > 0 && detection.p <= numberIn(params, "p_value_threshold"),
  };
}

function dualTail({ input }: GoldenQuestion): unknown {
  const [n, score, alpha] = ["num_scored_tokens", "score", "alpha"].map((name) => numberIn(input, name));
  return {
    moment_match_p: momentMatchedP(n!, score!, alpha!),
    exact_log10_p: exactDualTail(n!, score!, alpha!) / Math.LN10,
  };
}

/** vLLM's PRFs, generator and detector. */
export const vllmOperations: readonly Operation[] = Object.freeze([
  { op: "vllm_words", run: philoxWords },
  { op: "vllm_words_premerge", run: earlyWords(premergePrf) },
  { op: "vllm_hmac_word", run: earlyWords(hmacPrf) },
  { op: "vllm_uniform", run: uniforms },
  { op: "vllm_derive_keys", run: derive },
  { op: "vllm_skip_mask", run: skipMask },
  { op: "vllm_detect", run: detect },
  { op: "vllm_generate_detect", run: generateDetect },
  { op: "dual_key_tail", run: dualTail },
]);
