import { blake2b } from "@noble/hashes/blake2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { localise } from "../contracts/textseal/localise.ts";
import type { ScoringMethod } from "../contracts/textseal/scored-positions.ts";
import {
  detectDual,
  detectGreen,
  detectGumbel,
  detectLayers,
  layerBits,
  scoredHashes,
} from "../contracts/textseal/textseal-detectors.ts";
import { HASH_VALUES, textsealHash, textsealUniform } from "../contracts/textseal/textseal-hash.ts";
import type { GoldenQuestion, JsonObject, Operation } from "./golden.ts";
import { integerIn, numberIn, sequencesIn, textIn, tokensIn } from "./markllm-question.ts";

const log10 = (ln: number): number => ln / Math.LN10;
const method = (params: JsonObject): ScoringMethod => textIn(params, "scoring_method") as ScoringMethod;

function hashes({ params, input }: GoldenQuestion): unknown {
  const hash = textsealHash(integerIn(params, "key"));
  const context = tokensIn(input, "context");
  hash.load(context, 0, context.length);
  const found = tokensIn(input, "tokens").map(hash.hash);
  const uniform = found.map(textsealUniform);
  const below = (gamma: number): string => uniform.map((r) => (r < Math.fround(gamma) ? 1 : 0)).join("");
  return { hash: found, uniform, green_half: below(0.5), green_quarter: below(0.25) };
}

function collision({ params, input }: GoldenQuestion): unknown {
  const hash = textsealHash(integerIn(params, "key"));
  const rows = sequencesIn(input, "contexts").map((context) => {
    hash.load(context, 0, context.length);
    return tokensIn(input, "tokens").map(hash.hash);
  });
  // Only where all contexts give the same hashes is there one answer.
  return { hash: rows.every((row) => row.join() === rows[0]!.join()) ? rows[0] : rows };
}

function hashesOf({ params, input }: GoldenQuestion): readonly number[] {
  return scoredHashes(integerIn(params, "key"), numberIn(params, "ngram"), method(params), tokensIn(input, "tokens"));
}

function green(question: GoldenQuestion): unknown {
  const found = detectGreen(hashesOf(question), numberIn(question.params, "gamma"));
  return {
    n: found.n,
    score: found.score,
    upper: Math.exp(found.logUpper),
    pmf: Math.exp(found.logMass),
    p_value: found.p,
    green: found.flags.join(""),
    exact_log10_p: log10(found.logUpper),
    exact_log10_p_true_gamma: log10(found.logUpperOfShare),
  };
}

function gumbel(question: GoldenQuestion): unknown {
  const scored = hashesOf(question);
  const { n, score32, score, p, logP } = detectGumbel(scored);
  return { n, score: score32, score_float64: score, p_value: p, hashes: scored, exact_log10_p: log10(logP) };
}

function synthid({ params, input }: GoldenQuestion): unknown {
  const gamma = numberIn(params, "gamma");
  const layers = { depth: numberIn(params, "depth"), stride: numberIn(params, "stride"), gamma };
  const tokens = tokensIn(input, "tokens");
  const bits = layerBits(integerIn(params, "key"), numberIn(params, "ngram"), method(params), tokens, layers);
  const { n, score, perToken, p, logUpper } = detectLayers(bits, gamma, params.weighted === true);
  return {
    n,
    score,
    p_value: p,
    per_token: perToken,
    bits_first5: bits.slice(0, 5).map((row) => row.join("")),
    ...(logUpper === null ? {} : { exact_log10_p: log10(logUpper) }),
  };
}

function dual({ params, input }: GoldenQuestion): unknown {
  const setting = {
    keyA: integerIn(params, "key_a"),
    keyB: integerIn(params, "key_b"),
    ngram: numberIn(params, "ngram"),
    alpha: numberIn(params, "mixing_alpha"),
    method: method(params),
  };
  const entropies = Array.isArray(input.entropies) ? (input.entropies as readonly number[]) : null;
  const found = detectDual(setting, tokensIn(input, "tokens"), entropies);
  return {
    n_tokens: found.n,
    fused_sum: found.fused,
    p_unweighted: found.unweighted,
    p_value: found.p,
    hash_a: found.hashesA,
    hash_b: found.hashesB,
    exact_unweighted_log10_p: log10(found.exactLogP),
    ...(found.weights === null
      ? {}
      : { weights: found.weights, weighted_sum: found.weightedSum, p_weighted: found.weighted }),
  };
}

function localisation({ params, input }: GoldenQuestion): unknown {
  const weights = Array.isArray(input.weights) ? (input.weights as readonly number[]) : null;
  const found = localise(tokensIn(input, "scores"), weights, {
    alpha: numberIn(params, "alpha"),
    minLength: numberIn(params, "min_length"),
    maxRegions: numberIn(params, "max_regions"),
    baseVariance: numberIn(params, "base_variance"),
  });
  return {
    num_windows: found.windows,
    k: found.k,
    log10_p: Object.fromEntries(Object.entries(found.logP).map(([name, value]) => [name, log10(value)])),
    final_log10_p: log10(found.finalLogP),
    winner: found.winner,
    single_window: found.single,
    greedy_regions: found.greedy,
    multi_regions: found.multi,
  };
}

const COIN_KEY = 0x53474c545854534cn;

/** Which key SGLang's TextSeal provider takes at a position: a coin of the request's id. */
function coin({ params, input }: GoldenQuestion): unknown {
  const personalization = new Uint8Array(16);
  personalization.set(utf8ToBytes("SGLTextSeal"));
  const digest = blake2b(utf8ToBytes(textIn(params, "request_id")), { dkLen: 8, personalization });
  const nonce = new DataView(digest.buffer, digest.byteOffset).getBigInt64(0, true);
  const hash = textsealHash(COIN_KEY);
  hash.loadWide(nonce);
  const found = tokensIn(input, "positions").map(hash.hash);
  const share = Math.fround(numberIn(params, "mixing_probability"));
  return {
    nonce: nonce.toString(),
    hash: found,
    key_a: found.map((value) => (value / HASH_VALUES < share ? 1 : 0)).join(""),
  };
}

/** TextSeal's hash, detectors and localisation, and the coin of SGLang's provider. */
export const textsealOperations: readonly Operation[] = Object.freeze([
  { op: "textseal_hash", run: hashes },
  { op: "textseal_context_collision", run: collision },
  { op: "textseal_detect_green", run: green },
  { op: "textseal_detect_gumbel", run: gumbel },
  { op: "textseal_detect_synthid", run: synthid },
  { op: "textseal_detect_dual", run: dual },
  { op: "textseal_localise", run: localisation },
  { op: "sglang_textseal_coin", run: coin },
]);
