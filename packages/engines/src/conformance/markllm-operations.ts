import { TokenmarkError } from "@tokenmark/core";
import { logGammaUpperTail } from "@tokenmark/stats";
import { F_SCHEMES, type FScheme } from "../contracts/markllm/context-hash.ts";
import { type ExpGumbelSetting, expGumbelNoise, expGumbelScores } from "../contracts/markllm/exp-gumbel-scheme.ts";
import { type ExpSetting, expSeed, expUniforms } from "../contracts/markllm/exp-scheme.ts";
import { exponentialSum, gammaTail } from "../contracts/markllm/exponential-detector.ts";
import { markllmFlags, markllmLists, WINDOW_SCHEMES, type WindowScheme } from "../contracts/markllm/kgw-lists.ts";
import { selectByPower } from "../contracts/markllm/power-draw.ts";
import { greenZ } from "../contracts/unigram/green-z.ts";
import type { GoldenQuestion, JsonObject, Operation } from "./golden.ts";
import { int64Hash } from "./list-hash.ts";
import { readRecipe, recipeLogits } from "./logits-recipe.ts";
import { integerIn, numberIn, sequencesIn, textIn, tokensIn } from "./markllm-question.ts";

/** MarkLLM's verdict bound on p where a question names none. */
const THRESHOLD = 1e-4;
/** The files list the draws after so many context lengths, from the shortest on. */
const SAMPLED_CONTEXTS = 4;
const SAMPLING_TEMPERATURE = 0.7;
const SAMPLING_SCALE = 8;

function oneOf<T extends string>(fields: JsonObject, name: string, known: readonly T[]): T {
  const value = textIn(fields, name);
  const found = known.find((choice) => choice === value);
  if (found === undefined) throw new TokenmarkError("bad-argument", `${name}: wanted one of ${known.join(", ")}`);
  return found;
}

function markllmKgw({ params, input }: GoldenQuestion): unknown {
  const prefixLength = numberIn(params, "prefixLength");
  const gamma = numberIn(params, "gamma");
  const lists = markllmLists({
    hashKey: integerIn(params, "hashKey"),
    gamma,
    prefixLength,
    vocabSize: numberIn(params, "vocabSize"),
    fScheme: oneOf<FScheme>(params, "fScheme", F_SCHEMES),
    windowScheme: oneOf<WindowScheme>(params, "windowScheme", WINDOW_SCHEMES),
  });
  const { flags, green, scored } = markllmFlags(lists, prefixLength, tokensIn(input, "tokens"));
  return {
    prfTableFirst16: lists.table.slice(0, 16),
    prfTableSha256_int64le: int64Hash(lists.table),
    lists: sequencesIn(input, "sequences").map((sequence) => {
      const f = lists.f(sequence, sequence.length - prefixLength, prefixLength);
      const list = lists.list(f);
      return { f, first32: list.slice(0, 32), size: list.length, sha256_int64le: int64Hash(list) };
    }),
    z: greenZ(green, scored, gamma) ?? Number.NaN,
    flags,
  };
}

/** The draw of one context length. The file's logits have the seed 1000 · (number of the case) + context length. */
function sampling(setting: ExpSetting, id: string, tokens: readonly number[], contextLength: number): unknown {
  const number = /(\d+)$/.exec(id)?.[1];
  if (number === undefined) throw new TokenmarkError("bad-argument", `id: wanted one that ends in a number`);
  const { vocabSize, prefixLength } = setting;
  const from = contextLength - prefixLength;
  const source = expUniforms(setting);
  source.seed(tokens, from, prefixLength);
  const recipe = {
    kind: "cubic" as const,
    n: vocabSize,
    seed: 1000 * Number(number) + contextLength,
    scale: SAMPLING_SCALE,
  };
  const logits = recipeLogits(recipe).map((logit) => logit / Math.fround(SAMPLING_TEMPERATURE));
  selectByPower({ vocabSize, uniform: source.uniform }, logits, undefined);
  return {
    contextLength,
    seed: expSeed(setting, tokens, from).toString(),
    firstUniforms: Array.from({ length: Math.min(8, vocabSize) }, (_, token) => source.uniform(token)),
    argmax: logits.indexOf(0),
    logits: recipe,
    temperature: SAMPLING_TEMPERATURE,
  };
}

function markllmExp({ id, params, input }: GoldenQuestion): unknown {
  const prefixLength = numberIn(params, "prefixLength");
  const setting = { hashKey: integerIn(params, "hashKey"), prefixLength, vocabSize: numberIn(params, "vocabSize") };
  const tokens = tokensIn(input, "tokens");
  const { uniforms, total, p } = exponentialSum(expUniforms(setting), prefixLength, tokens);
  const contexts = Math.max(0, Math.min(SAMPLED_CONTEXTS, tokens.length - prefixLength + 1));
  return {
    sampling: Array.from({ length: contexts }, (_, i) => sampling(setting, id, tokens, prefixLength + i)),
    uniformsOfScoredTokens: uniforms,
    totalScore: total,
    numScored: uniforms.length,
    p,
    is_watermarked: p < numberIn(params, "threshold", THRESHOLD),
  };
}

function markllmExpGumbel({ params, input }: GoldenQuestion): unknown {
  const setting: ExpGumbelSetting = {
    seed: integerIn(params, "seed"),
    prefixLength: numberIn(params, "prefixLength"),
    vocabSize: numberIn(params, "vocabSize"),
    temperature: numberIn(params, "temperature"),
    eps: numberIn(params, "eps"),
  };
  const noise = expGumbelNoise(setting);
  const { prefixLength } = setting;
  const sequence = tokensIn(input, "sequence");
  const logits = recipeLogits(readRecipe(input.logits as JsonObject));
  const scores = logits.slice();
  if (sequence.length >= prefixLength) {
    noise.seed(sequence, sequence.length - prefixLength, prefixLength);
    expGumbelScores(noise, setting, logits, undefined, scores);
  }
  const { total, p } = exponentialSum(noise, prefixLength, tokensIn(input, "tokens"));
  return {
    scores: scores.subarray(0, setting.vocabSize),
    totalScore: total,
    p,
    is_watermarked: p < numberIn(params, "threshold", THRESHOLD),
  };
}

function gammaUpperTail({ input }: GoldenQuestion): unknown {
  const score = numberIn(input, "score");
  const n = numberIn(input, "n");
  return { p: gammaTail(score, n), logp: logGammaUpperTail(n, score) };
}

/** Operations of the MarkLLM files, its SynthID apart. */
export const markllmOperations: readonly Operation[] = Object.freeze([
  { op: "markllm_kgw", run: markllmKgw },
  { op: "markllm_exp", run: markllmExp },
  { op: "markllm_exp_gumbel", run: markllmExpGumbel },
  { op: "gamma_upper_tail", run: gammaUpperTail },
]);
