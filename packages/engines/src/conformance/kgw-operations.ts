import type { WatermarkScheme } from "@tokenmark/core";
import { contextPrf, PRF_NAMES } from "../contracts/kgw/context-prf.ts";
import { type GreenFlags, greenFlags, greenList } from "../contracts/kgw/green-flags.ts";
import { hashTable, TABLE_SIZE } from "../contracts/kgw/hash-table.ts";
import { type HfDetection, hfCount, hfPValue, withoutBos } from "../contracts/kgw/hf-detector.ts";
import { type HfSeeding, hfSetting } from "../contracts/kgw/hf-kgw.ts";
import { type KgwSetting, kgwListScheme } from "../contracts/kgw/list-scheme.ts";
import { lmCount, normalP } from "../contracts/kgw/lm-detector.ts";
import { LM_DEFAULT_KEY, LM_TABLE_SEED, lmSetting } from "../contracts/kgw/lm-watermarking.ts";
import { bestWindow, runningZ } from "../contracts/kgw/lm-windows.ts";
import { readSeedingScheme } from "../contracts/kgw/seeding-scheme.ts";
import { float32Hash } from "./float32-hash.ts";
import type { GoldenQuestion, JsonObject, Operation } from "./golden.ts";
import { int64Hash } from "./list-hash.ts";
import { readRecipe, recipeLogits } from "./logits-recipe.ts";
import { integerIn, numberIn, sequencesIn, textIn, tokensIn } from "./markllm-question.ts";
import { shortestFloat32 } from "./shortest-float32.ts";

/** Of more changed logits Hugging Face's file lists the first and counts them all. */
const MOST_IDS = 60;

const isHf = ({ params }: GoldenQuestion): boolean => params.hashingKey !== undefined;
const isLm = (question: GoldenQuestion): boolean => !isHf(question);

function hfOf({ params }: GoldenQuestion): KgwSetting {
  const given = {
    greenlist_ratio: numberIn(params, "greenlistRatio"),
    bias: numberIn(params, "bias", 2),
    context_width: numberIn(params, "contextWidth"),
    vocab_size: numberIn(params, "vocabSize"),
  };
  return hfSetting(textIn(params, "scheme") as HfSeeding, given, integerIn(params, "hashingKey").toString());
}

/** A free-form name may bring its key along; a question's own key stands above it. */
function lmOf({ params }: GoldenQuestion): KgwSetting {
  const name = textIn(params, "scheme");
  const key = integerIn(params, "key", readSeedingScheme(name).key ?? LM_DEFAULT_KEY).toString();
  return lmSetting(
    {
      seeding_scheme: name,
      gamma: numberIn(params, "gamma"),
      delta: numberIn(params, "delta", 2),
      vocab_size: numberIn(params, "vocabSize"),
      select_green_tokens: params.selectGreenTokens !== false,
    },
    key,
  );
}

function fixedTable({ params }: GoldenQuestion): unknown {
  const seed = integerIn(params, params.hashingKey === undefined ? "seed" : "hashingKey");
  const table = hashTable(Number(BigInt.asIntN(32, seed)));
  return { first32: table.slice(0, 32), last8: table.slice(-8), sha256_int64le: int64Hash(table), size: TABLE_SIZE };
}

function prf({ params, input }: GoldenQuestion): unknown {
  const asked = textIn(params, "prf").replace(/_prf$/, "");
  const name = PRF_NAMES.find((known) => known === asked);
  if (name === undefined) throw new Error(`prf: unknown function ${asked}`);
  const of = contextPrf({ name, key: integerIn(params, "key"), table: () => hashTable(LM_TABLE_SEED) });
  return {
    values: sequencesIn(input, "contexts").map((context) => {
      of.load(context, 0, context.length);
      const seed = (BigInt(of.high32()) << 32n) | BigInt(of.low32());
      return { prf: of.value().toString(), seed: seed.toString(), seedLow32: of.low32() };
    }),
  };
}

function lists(setting: KgwSetting, { input }: GoldenQuestion): unknown {
  return {
    lists: sequencesIn(input, "sequences").map((sequence) => {
      const { seed, list } = greenList(setting, sequence);
      return {
        seed: seed.toString(),
        size: list.length,
        first32: list.slice(0, 32),
        sha256_int64le: int64Hash(list),
        sortedSha256_int64le: int64Hash(list.slice().sort()),
      };
    }),
  };
}

function processed(setting: KgwSetting, { input }: GoldenQuestion, mostIds?: number): unknown {
  const sequence = tokensIn(input, "sequence");
  const logits = recipeLogits(readRecipe(input.logits as JsonObject));
  const scores = logits.slice();
  // The processors stay silent on fewer tokens than the context width, even where the candidate is one of the context; lists that are
  // empty, as of a tenth of 5 tokens, change nothing, and no scheme of ours is made of them.
  if (sequence.length >= setting.contextWidth && setting.vocabSize * setting.gamma >= 1) {
    const scheme: WatermarkScheme = kgwListScheme("kgw", setting);
    scheme.process(scores, sequence);
  }
  const changedIds = [...scores.keys()].filter((id) => scores[id] !== logits[id]);
  return {
    scores: Array.from(scores, shortestFloat32),
    changedIds: changedIds.slice(0, mostIds),
    changedCount: changedIds.length,
    sha256_float32le: float32Hash(scores),
  };
}

function hfRecord({ scored, green, z, p }: HfDetection, threshold: number): object {
  return {
    num_tokens_scored: scored,
    num_green_tokens: green,
    green_fraction: green / scored,
    z_score: z ?? Number.NaN,
    p_value: p ?? Number.NaN,
    prediction: z !== null && z > threshold,
    confidence: p === null ? Number.NaN : 1 - p,
  };
}

function hfDetector(question: GoldenQuestion): unknown {
  const setting = hfOf(question);
  const tokens = tokensIn(question.input, "tokens");
  const threshold = numberIn(question.params, "zThreshold", 3);
  const records = (name: string, windows: GreenFlags): object => ({
    [`${name}/all`]: hfRecord(hfCount(windows, setting.gamma, false), threshold),
    [`${name}/ignoreRepeated`]: hfRecord(hfCount(windows, setting.gamma, false), threshold),
    [`${name}/trueUnique`]: hfRecord(hfCount(windows, setting.gamma, true), threshold),
  });
  return {
    ...records("noBos", greenFlags(setting, tokens)),
    ...records("bosStripped", greenFlags(setting, withoutBos(tokens, tokens[0] ?? null))),
  };
}

/** Only the first row decides whether all rows lose their first token. */
function hfBatch(question: GoldenQuestion): unknown {
  const setting = hfOf(question);
  const rows = sequencesIn(question.input, "tokens");
  const strip = rows[0]?.[0] === numberIn(question.params, "bosTokenId") ? 1 : 0;
  const threshold = numberIn(question.params, "zThreshold", 3);
  const found = rows.map((row) => hfCount(greenFlags(setting, row.slice(strip)), setting.gamma, false));
  return {
    num_tokens_scored: found.map(({ scored }) => scored),
    num_green_tokens: found.map(({ green }) => green),
    green_fraction: found.map(({ scored, green }) => green / scored),
    z_score: found.map(({ z }) => z ?? Number.NaN),
    p_value: found.map(({ p }) => p ?? Number.NaN),
    prediction: found.map(({ z }) => z !== null && z > threshold),
    confidence: found.map(({ p }) => (p === null ? Number.NaN : 1 - p)),
  };
}

function hfPValues({ input }: GoldenQuestion): unknown {
  const p = tokensIn(input, "z").map(hfPValue);
  return { p, confidence: p.map((value) => 1 - value) };
}

function sizes({ input }: GoldenQuestion): unknown {
  return { sizes: sequencesIn(input, "pairs").map(([v, ratio]) => Math.trunc(v! * ratio!)) };
}

function windowRecord(flags: readonly number[], sizes: readonly number[] | "max", gamma: number): object | null {
  const best = bestWindow(flags, sizes, gamma);
  return (
    best && {
      num_tokens_scored: best.size,
      num_green_tokens: best.green,
      z_score: shortestFloat32(best.z),
      p_value: normalP(best.z),
    }
  );
}

function lmRecord(windows: GreenFlags, gamma: number, threshold: number, ignoreRepeated: boolean): object {
  const { scored, green, z, p, counted } = lmCount(windows, gamma, ignoreRepeated);
  const running = runningZ(windows.flags, ignoreRepeated ? windows.isFirst : null, gamma);
  const record: Record<string, unknown> = {
    num_tokens_scored: scored,
    num_green_tokens: green,
    green_fraction: green / scored,
    z_score: z ?? Number.NaN,
    p_value: p ?? Number.NaN,
    prediction: z !== null && z > threshold,
    ...(p === null ? {} : { confidence: 1 - p }),
    green_token_mask: windows.flags.join(""),
    z_score_at_T_first8: running.slice(0, 8).map(shortestFloat32),
    z_score_at_T_last8: running.slice(-8).map(shortestFloat32),
  };
  // Which window sizes a file asks for stands in the names of its answers, so every name is answered.
  return new Proxy(record, {
    getOwnPropertyDescriptor(target, name) {
      if (typeof name === "string" && name.startsWith("window_") && !Object.hasOwn(target, name)) {
        const asked = name.slice("window_".length);
        target[name] = windowRecord(counted, asked === "max" ? "max" : asked.split(",").map(Number), gamma);
      }
      return Object.getOwnPropertyDescriptor(target, name);
    },
  });
}

function lmDetector(question: GoldenQuestion): unknown {
  const setting = lmOf(question);
  const threshold = numberIn(question.params, "zThreshold", 4);
  const windows = greenFlags(setting, tokensIn(question.input, "tokens"));
  return {
    all: lmRecord(windows, setting.gamma, threshold, false),
    ignoreRepeated: lmRecord(windows, setting.gamma, threshold, true),
  };
}

/** Hugging Face's and lm-watermarking's KGW, the legacy module and TGI. */
export const kgwOperations: readonly Operation[] = Object.freeze([
  { op: "fixed_table", run: fixedTable },
  { op: "prf", run: prf },
  { op: "greenlist", applies: isHf, run: (question) => lists(hfOf(question), question) },
  { op: "greenlist", applies: isLm, run: (question) => lists(lmOf(question), question) },
  { op: "processor", applies: isHf, run: (question) => processed(hfOf(question), question, MOST_IDS) },
  { op: "processor", applies: isLm, run: (question) => processed(lmOf(question), question) },
  { op: "detector", applies: isHf, run: hfDetector },
  { op: "detector", applies: isLm, run: lmDetector },
  { op: "detector_batch", run: hfBatch },
  { op: "hf_p_value", run: hfPValues },
  { op: "greenlist_size", run: sizes },
]);
