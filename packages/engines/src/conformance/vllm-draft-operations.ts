import { logBinomialUpperTail, logNormalUpperTail } from "@tokenmark/stats";
import { greenZ } from "../contracts/unigram/green-z.ts";
import { firstGreens, type GreenQuestions } from "../contracts/vllm/green-detector.ts";
import { type SbwRule, type SbwSeeding, sbwHash, sbwHashOf, sbwThreshold } from "../contracts/vllm/sbw-hash.ts";
import { skipRule } from "../contracts/vllm/skip-rule.ts";
import { draftBits, draftHits, redGreenSetting, type SynthidVariant } from "../contracts/vllm/vllm-drafts.ts";
import type { DedupScope } from "../contracts/vllm/vllm-scheme.ts";
import { int64Value } from "../generators/int64.ts";
import { engineLogits } from "./engine-logits.ts";
import type { GoldenQuestion, JsonObject, Operation } from "./golden.ts";
import { integerIn, numberIn, textIn, tokensIn } from "./markllm-question.ts";

/** A key as the engine's signed tensor holds it. */
const signed = (params: JsonObject, name: string): bigint => BigInt.asIntN(64, integerIn(params, name));

function sbwGreen({ params, input }: GoldenQuestion): unknown {
  const context = tokensIn(input, "context");
  const threshold = sbwThreshold(numberIn(params, "gamma"));
  const side = (rule: SbwRule): object => {
    const hash = sbwHashOf(signed(params, "key"), textIn(params, "scheme") as SbwSeeding, rule);
    hash.load(context, 0, context.length);
    const tokens = tokensIn(input, "tokens");
    const words31 = tokens.map((token) => hash.word31(token));
    return {
      seeds: tokens.map((token) => int64Value(hash.seed(token)).toString()),
      words31,
      green: words31.map((word) => (word < threshold ? 1 : 0)).join(""),
    };
  };
  return { detector: side("detector"), generator: side("generator") };
}

/** Argmax of float32 logits with green ones raised; skipped contexts take the plain argmax. */
function generate(
  question: GoldenQuestion,
  asked: GreenQuestions,
  scope: DedupScope,
  maxHistory: number | null,
): { readonly tokens: readonly number[]; readonly skips: number } {
  const { params, input } = question;
  const width = numberIn(params, "context_width");
  const delta = Math.fround(numberIn(params, "delta"));
  const logitsAt = engineLogits(input.logits as JsonObject, numberIn(input, "vocab"));
  const rule = skipRule(scope, width, maxHistory, []);
  const padded = new Array<number>(width).fill(-1);
  const tokens: number[] = [];
  let skips = 0;
  for (let position = 0; position < numberIn(input, "num_tokens"); position++) {
    const logits = logitsAt(position);
    if (rule.isSkipped()) skips++;
    else {
      asked.load(padded, position, width);
      for (let token = 0; token < logits.length; token++) if (asked.isGreen(token)) logits[token]! += delta;
    }
    const winner = logits.indexOf(Math.max(...logits));
    rule.push(winner);
    tokens.push(winner);
    padded.push(winner);
  }
  return { tokens, skips };
}

function sbwGenerateDetect(question: GoldenQuestion): unknown {
  const { params } = question;
  const seeding = textIn(params, "scheme") as SbwSeeding;
  const gamma = numberIn(params, "gamma");
  const width = numberIn(params, "context_width");
  const asked = (keyName: string, rule: SbwRule): GreenQuestions => {
    const hash = sbwHashOf(signed(params, keyName), seeding, rule);
    const threshold = sbwThreshold(gamma);
    return { load: hash.load, isGreen: (token) => hash.word31(token) < threshold };
  };
  const maxHistory = params.max_history === null ? null : numberIn(params, "max_history");
  const scope = textIn(params, "deduplicate_contexts") as DedupScope;
  const { tokens, skips } = generate(question, asked("key", "generator"), scope, maxHistory);
  const side = (rule: SbwRule): object => {
    const greens = firstGreens(asked("detection_key", rule), tokens, width);
    const green = greens.reduce((sum, value) => sum + value, 0);
    const z = greenZ(green, greens.length, gamma) ?? Number.NaN;
    return {
      num_scored_tokens: greens.length,
      green_count: green,
      z,
      p_value: Math.exp(logNormalUpperTail(z)),
      exact_binomial_log10_p: logBinomialUpperTail(green, greens.length, gamma) / Math.LN10,
      green: greens.join(""),
    };
  };
  const detector = side("detector");
  return { tokens, dedup_skips: skips, ...detector, detection: { detector, generator: side("generator") } };
}

function synthidBits({ params, input }: GoldenQuestion): unknown {
  const depth = numberIn(params, "depth");
  const context = tokensIn(input, "context");
  const strings = (variant: SynthidVariant): readonly string[] => {
    const bits = draftBits(integerIn(params, "key"), depth, variant);
    bits.load(context, 0, context.length);
    return tokensIn(input, "tokens").map((token) =>
      Array.from({ length: depth }, (_, d) => (bits.word(token, d >>> 5) >>> (d & 31)) & 1).join(""),
    );
  };
  return { g_bits: { stream: strings("stream"), plain: strings("plain") } };
}

/** Layer by layer in doubles, as the file says. */
function synthidProbs({ params, input }: GoldenQuestion): unknown {
  const depth = numberIn(params, "depth");
  const bits = draftBits(integerIn(params, "key"), depth, textIn(params, "variant") as SynthidVariant);
  const context = tokensIn(input, "context");
  bits.load(context, 0, context.length);
  const logits = tokensIn(input, "logits");
  const max = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - max));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let p = weights.map((weight) => weight / total);
  for (let d = 0; d < depth; d++) {
    const g = p.map((_, token) => (bits.word(token, d >>> 5) >>> (d & 31)) & 1);
    const mass = p.reduce((sum, value, i) => sum + value * g[i]!, 0);
    p = p.map((value, i) => value * (1 + g[i]! - mass));
  }
  return { probs: p };
}

function synthidDetect({ params, input }: GoldenQuestion): unknown {
  const depth = numberIn(params, "depth");
  const variant = textIn(params, "variant") as SynthidVariant;
  const { hits, scored } = draftHits(
    integerIn(params, "key"),
    depth,
    variant,
    numberIn(params, "context_width"),
    tokensIn(input, "tokens"),
    params.deduplicate !== false,
  );
  const ones = hits.reduce((sum, value) => sum + value, 0);
  const logP = logBinomialUpperTail(ones, scored * depth, 0.5);
  return {
    num_scored_tokens: scored,
    hits: ones,
    trials: scored * depth,
    score: ones / (scored * depth),
    p_value: Math.exp(logP),
    exact_log10_p: logP / Math.LN10,
    hits_per_token: hits,
  };
}

function redGreen(question: GoldenQuestion): unknown {
  const { params } = question;
  const gamma = numberIn(params, "gamma");
  const setting = redGreenSetting(
    { gamma, delta: numberIn(params, "delta"), context_width: numberIn(params, "context_width") },
    integerIn(params, "key"),
  );
  const { tokens } = generate(question, setting, setting.scope, setting.maxHistory);
  const greens = firstGreens(setting, tokens, setting.contextWidth);
  const green = greens.reduce((sum, value) => sum + value, 0);
  const logP = logBinomialUpperTail(green, greens.length, gamma);
  return {
    tokens,
    num_scored_tokens: greens.length,
    green_count: green,
    p_value: Math.exp(logP),
    exact_log10_p: logP / Math.LN10,
    green: greens.join(""),
  };
}

/** SBW and the drafts that vLLM did not release. */
export const vllmDraftOperations: readonly Operation[] = Object.freeze([
  { op: "sbw_hashint", run: ({ input }) => ({ hash: tokensIn(input, "ids").map(sbwHash) }) },
  { op: "sbw_green", run: sbwGreen },
  { op: "sbw_generate_detect", run: sbwGenerateDetect },
  { op: "vllm_synthid_bits", run: synthidBits },
  { op: "vllm_synthid_probs", run: synthidProbs },
  { op: "vllm_synthid_detect", run: synthidDetect },
  { op: "vllm_redgreen_generate_detect", run: redGreen },
]);
