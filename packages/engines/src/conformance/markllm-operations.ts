import { TokenmarkError } from "@tokenmark/core";
import { logGammaUpperTail } from "@tokenmark/stats";
import { F_SCHEMES, type FScheme } from "../contracts/markllm/context-hash.ts";
import { type ExpGumbelSetting, expGumbelNoise, expGumbelScores } from "../contracts/markllm/exp-gumbel-scheme.ts";
import { type ExpSetting, expSeed, expUniforms } from "../contracts/markllm/exp-scheme.ts";
import { exponentialSum, gammaTail } from "../contracts/markllm/exponential-detector.ts";
import { markllmFlags, markllmLists, WINDOW_SCHEMES, type WindowScheme } from "../contracts/markllm/kgw-lists.ts";
import { selectByPower } from "../contracts/markllm/power-draw.ts";
import { greenZ } from "../contracts/unigram/green-z.ts";
import type { GoldenQuestion, Json, JsonObject, Operation } from "./golden.ts";
import { int64Hash } from "./list-hash.ts";
import { listedQuestion } from "./listed-question.ts";
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

/** A draw that a file asks for: after so many tokens, over these logits. */
type AskedDraw = { readonly contextLength: number; readonly logits: JsonObject; readonly temperature: number };

/** The files tell the logits of their draws beside the answers. */
function drawsOf(output: Json): Json {
  const { sampling } = output as JsonObject;
  return Array.isArray(sampling)
    ? sampling.map(({ contextLength, logits, temperature }) => ({
        contextLength: contextLength ?? null,
        logits: logits ?? null,
        temperature: temperature ?? null,
      }))
    : [];
}

/** The draws by the rule of the files: logits with the seed 1000 · (number of the case) + context length. */
function ruledDraws(id: string, setting: ExpSetting, tokens: readonly number[]): readonly AskedDraw[] {
  const number = Number(/(\d+)$/.exec(id)?.[1] ?? Number.NaN);
  const { vocabSize, prefixLength } = setting;
  const count = Math.max(0, Math.min(SAMPLED_CONTEXTS, tokens.length - prefixLength + 1));
  return Array.from({ length: count }, (_, i) => {
    const contextLength = prefixLength + i;
    const seed = 1000 * number + contextLength;
    return {
      contextLength,
      logits: { kind: "cubic", n: vocabSize, seed, scale: SAMPLING_SCALE },
      temperature: SAMPLING_TEMPERATURE,
    };
  });
}

function sampling(setting: ExpSetting, tokens: readonly number[], draw: AskedDraw): unknown {
  const { vocabSize, prefixLength } = setting;
  const from = numberIn(draw, "contextLength") - prefixLength;
  const source = expUniforms(setting);
  source.seed(tokens, from, prefixLength);
  const temperature = Math.fround(numberIn(draw, "temperature"));
  const logits = recipeLogits(readRecipe(draw.logits)).map((logit) => logit / temperature);
  selectByPower({ vocabSize, uniform: source.uniform }, logits, undefined);
  return {
    ...draw,
    seed: expSeed(setting, tokens, from).toString(),
    firstUniforms: Array.from({ length: Math.min(8, vocabSize) }, (_, token) => source.uniform(token)),
    argmax: logits.indexOf(0),
  };
}

function markllmExp({ id, params, input, asked }: GoldenQuestion): unknown {
  const prefixLength = numberIn(params, "prefixLength");
  const setting = { hashKey: integerIn(params, "hashKey"), prefixLength, vocabSize: numberIn(params, "vocabSize") };
  const tokens = tokensIn(input, "tokens");
  const { uniforms, total, p } = exponentialSum(expUniforms(setting), prefixLength, tokens);
  const draws = listedQuestion((asked ?? []) as readonly AskedDraw[], ruledDraws(id, setting, tokens));
  return {
    sampling: draws.map((draw) => sampling(setting, tokens, draw)),
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
  { op: "markllm_exp", asked: drawsOf, run: markllmExp },
  { op: "markllm_exp_gumbel", run: markllmExpGumbel },
  { op: "gamma_upper_tail", run: gammaUpperTail },
]);
