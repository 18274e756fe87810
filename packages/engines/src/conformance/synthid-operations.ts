import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { logBinomialUpperTail } from "@tokenmark/stats";
import { accumulate } from "../contracts/synthid/accumulate-hash.ts";
import { type BayesianModel, bayesianPosterior, layerLikelihoods } from "../contracts/synthid/bayesian-detector.ts";
import type { GValues } from "../contracts/synthid/g-values.ts";
import { hashIv, mainGValues } from "../contracts/synthid/main-g-values.ts";
import { popcount } from "../contracts/synthid/popcount.ts";
import { samplingTable } from "../contracts/synthid/sampling-table.ts";
import { customMean, eosMask, expectedMeanG, synthidScores } from "../contracts/synthid/synthid-detectors.ts";
import { contextMask, maskedScores, synthidNgrams } from "../contracts/synthid/synthid-reading.ts";
import { tableGValues } from "../contracts/synthid/table-g-values.ts";
import { int64, int64Value } from "../generators/int64.ts";
import type { GoldenQuestion, JsonObject, Operation } from "./golden.ts";
import { integerIn, numberIn, sequencesIn, textIn, tokensIn } from "./markllm-question.ts";
import { gValuesOf, keysIn } from "./synthid-g-values.ts";
import { synthidStepOperations } from "./synthid-step-operations.ts";

const bitsOf = (bits: ArrayLike<number>): string => Array.from(bits).join("");

function table({ params }: GoldenQuestion): unknown {
  const bits = samplingTable(numberIn(params, "size"), integerIn(params, "seed"));
  return {
    first256: bitsOf(bits.subarray(0, 256)),
    last64: bitsOf(bits.subarray(-64)),
    ones: bits.reduce((sum, bit) => sum + bit, 0),
    sha256_bytes: bytesToHex(sha256(bits)),
  };
}

function hash({ input }: GoldenQuestion): unknown {
  const value = int64(integerIn(input, "current"));
  for (const data of input.data as readonly string[]) accumulate(value, int64(BigInt(data)));
  return { hash: int64Value(value).toString() };
}

function ngramKeys(question: GoldenQuestion): unknown {
  const g = gValuesOf(question);
  const n = numberIn(question.params, "ngramLen");
  return {
    keys: sequencesIn(question.input, "ngrams").map((ngram) => {
      g.load(ngram, 0, n - 1);
      return g.layerKeys(ngram[n - 1]!).map(String);
    }),
  };
}

function words(g: GValues, tokens: readonly number[], n: number): Uint32Array {
  return Uint32Array.from({ length: Math.max(0, tokens.length - n + 1) }, (_, i) => {
    g.load(tokens, i, n - 1);
    return g.word(tokens[i + n - 1]!);
  });
}

function gValues(question: GoldenQuestion): unknown {
  const g = gValuesOf(question);
  const n = numberIn(question.params, "ngramLen");
  const tokens = tokensIn(question.input, "tokens");
  const masks = words(g, tokens, n);
  const first = [0, 1].filter((i) => i + n <= tokens.length);
  return {
    gMasks: masks,
    mean: masks.reduce((sum, word) => sum + popcount(word), 0) / (g.depth * masks.length),
    firstTwoNgramKeys: first.map((i) => {
      g.load(tokens, i, n - 1);
      return g.layerKeys(tokens[i + n - 1]!).map(String);
    }),
  };
}

function gValuesPair(question: GoldenQuestion): unknown {
  const g = gValuesOf(question);
  const n = numberIn(question.params, "ngramLen");
  const [a, b] = (["a", "b"] as const).map((name) => words(g, tokensIn(question.input, name), n));
  return { gMaskA: a![0], gMaskB: b![0], equal: a!.join() === b!.join() };
}

function repetition(question: GoldenQuestion): unknown {
  const { params, input } = question;
  // Without keys the hash starts at 1, whatever the layers are.
  const g =
    question.source === "main"
      ? mainGValues(keysIn(question))
      : tableGValues({ keys: [0n], tableSize: 65_536, tableSeed: 0n });
  const mask = contextMask(
    g,
    tokensIn(input, "tokens"),
    numberIn(params, "ngramLen"),
    numberIn(params, "contextHistorySize"),
  );
  return { mask: bitsOf(mask), repeatedAt: [...mask.keys()].filter((i) => mask[i] === 0) };
}

function endMask({ params, input }: GoldenQuestion): unknown {
  return { mask: bitsOf(eosMask(tokensIn(input, "tokens"), numberIn(params, "eosTokenId"))) };
}

function meanScores({ params, input }: GoldenQuestion): unknown {
  const mask = textIn(input, "mask");
  const kept = tokensIn(input, "gMasks").filter((_, i) => mask[i] === "1");
  const { logBinomialP, ...scores } = synthidScores(kept, numberIn(params, "depth"));
  return {
    ...scores,
    binomialP: Math.exp(logBinomialP),
    log10BinomialP: logBinomialP / Math.LN10,
    ...(Array.isArray(input.customWeights)
      ? { weightedMeanCustom: customMean(kept, input.customWeights as readonly number[]) }
      : {}),
  };
}

function binomial({ input }: GoldenQuestion): unknown {
  const logP = logBinomialUpperTail(numberIn(input, "successes"), numberIn(input, "trials"), 0.5);
  return { p: Math.exp(logP), log10p: logP / Math.LN10 };
}

function bayesian({ params, input }: GoldenQuestion): unknown {
  const model = params as unknown as BayesianModel;
  const masks = input.mask as readonly string[];
  const rows = sequencesIn(input, "gMasks");
  return {
    posterior: rows.map((row, r) =>
      bayesianPosterior(
        model,
        row.filter((_, i) => masks[r]![i] === "1"),
      ),
    ),
    likelihoodFirstPosition: rows.map((row) => layerLikelihoods(model, row[0]!)),
  };
}

/** Parameters written as `all -1.25`. */
function filled(value: unknown): number {
  const match = /^all (-?[\d.e+-]+)$/.exec(String(value));
  return match === null ? Number.NaN : Number(match[1]);
}

function sequences(question: GoldenQuestion): unknown {
  const { params, input } = question;
  const g = gValuesOf(question);
  const given = params.bayesian as JsonObject;
  const model = {
    beta: new Array<number>(g.depth).fill(filled(given.beta)),
    delta: Array.from({ length: g.depth }, () => new Array<number>(g.depth).fill(filled(given.delta))),
    prior: numberIn(given, "prior"),
  };
  const setting = {
    ngramLen: numberIn(params, "ngramLen"),
    history: numberIn(params, "contextHistorySize"),
    eos: numberIn(params, "eosTokenId"),
  };
  return {
    rows: sequencesIn(input, "tokens").map((tokens) => {
      const ngrams = synthidNgrams(g, tokens, setting);
      const { n, logBinomialP, ...scores } = maskedScores(ngrams, g.depth);
      return {
        combinedMask: bitsOf(ngrams.mask),
        unmasked: n,
        ...scores,
        binomialP: Math.exp(logBinomialP),
        posterior: bayesianPosterior(
          model,
          ngrams.words.filter((_, i) => ngrams.mask[i] === 1),
        ),
      };
    }),
  };
}

/** SynthID of Hugging Face, DeepMind and MarkLLM. */
export const synthidOperations: readonly Operation[] = Object.freeze([
  { op: "sampling_table", run: table },
  { op: "accumulate_hash", run: hash },
  { op: "compute_ngram_keys", run: ngramKeys },
  { op: "compute_g_values", run: gValues },
  { op: "compute_g_values_pair", run: gValuesPair },
  { op: "compute_context_repetition_mask", run: repetition },
  { op: "compute_eos_token_mask", run: endMask },
  { op: "hash_iv", run: (question) => ({ iv: hashIv(keysIn(question)).toString() }) },
  {
    op: "expected_mean_g_value",
    run: ({ params }) => ({ value: expectedMeanG(numberIn(params, "vocabSize"), numberIn(params, "numLeaves")) }),
  },
  { op: "mean_scores", run: meanScores },
  { op: "binomial_upper_tail_half", run: binomial },
  { op: "bayesian_posterior", run: bayesian },
  { op: "detect_sequences", run: sequences },
  ...synthidStepOperations,
]);
