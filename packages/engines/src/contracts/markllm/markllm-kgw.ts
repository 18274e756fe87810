import { Key, type Trap } from "@tokenmark/core";
import { defineContract, type EngineContract, type EngineText } from "../../contract.ts";
import { choiceField, integerField, numberField } from "../../field.ts";
import { deviceGenerator } from "../device-generator.ts";
import { checkAllInVocabulary } from "../unigram/check-vocabulary.ts";
import { greenZ } from "../unigram/green-z.ts";
import { F_SCHEMES } from "./context-hash.ts";
import { markllmFlags, markllmLists, WINDOW_SCHEMES } from "./kgw-lists.ts";
import { type MarkllmKgwSetting, markllmKgwScheme } from "./kgw-scheme.ts";
import {
  DEFAULT_HASH_KEY,
  fitsVocabulary,
  hashKeyField,
  MARKLLM_SOURCE,
  prefixTraps,
  TOLD_BY_ALL,
  vocabSizeField,
  widthTraps,
} from "./markllm-fields.ts";

const ID = "markllm-kgw/cpu";

/** MarkLLM's KGW: four context functions, two ways of seeding, lists from torch's CPU generator. */
export const markllmKgwCpu: EngineContract = defineContract({
  id: ID,
  engine: "MarkLLM",
  algorithm: "KGW",
  state: "research",
  source: `${MARKLLM_SOURCE}, watermark/kgw/kgw.py; torch 1.13.1`,
  parameters: {
    gamma: numberField(0, 1, { about: "green share of the vocabulary, in (0, 1)", fallback: 0.5, open: true }),
    delta: numberField(0, 100, { about: "bias added to green logits, in nats", fallback: 2 }),
    prefix_length: integerField(1, 1024, { about: "preceding tokens h that the context function reads", fallback: 1 }),
    z_threshold: numberField(-1000, 1000, { about: "z above which MarkLLM says watermarked", fallback: 4 }),
    f_scheme: choiceField(F_SCHEMES, {
      about: "what of the context counts: product, sum, the token h back, least entry",
      fallback: "time",
    }),
    window_scheme: choiceField(WINDOW_SCHEMES, {
      about: "whether the candidate takes part in the seed",
      fallback: "left",
    }),
    vocab_size: vocabSizeField,
  },
  secrets: { hash_key: hashKeyField },
  mustBeTold: [
    ...TOLD_BY_ALL,
    "Context function and window scheme: MarkLLM's lists are none of Hugging Face's or of lm-watermarking's.",
  ],
  securityFacts: [
    "Seeds are reduced modulo the vocabulary size, so there are at most vocab_size lists, whatever the key and the context.",
    "The default key 15485863 is public: unless the deployer set another, anybody can read, forge and remove the mark.",
    "A key that shares a factor with vocab_size leaves fewer lists; a multiple of it leaves one.",
  ],
  blindSpots: [deviceGenerator],
  create: (parameters, { hash_key }) => markllmKgwScheme(ID, settingOf(parameters, hash_key)),
  engineReading(parameters, { hash_key }, { tokens }) {
    const { prefix_length, gamma, vocab_size, z_threshold } = parameters;
    checkAllInVocabulary(tokens, vocab_size);
    const lists = markllmLists(settingOf(parameters, hash_key));
    const { green, scored } = markllmFlags(lists, prefix_length, tokens);
    const z = greenZ(green, scored, gamma);
    return {
      tokensScored: scored,
      statisticName: "z over all positions",
      statistic: z,
      pValue: null,
      marked: z === null ? null : z > z_threshold,
      faults: [
        "A repeated context with its token is a copy of one random number; this z counts it as new evidence each time.",
        "The z uses the configured share, not ⌊γV⌋/V, and its threshold of 4 is no 3.2e-5: at γ = 0.25 the true rate is twice that at 100 tokens.",
      ],
    };
  },
  traps: (parameters, { hash_key }, text) => kgwTraps(settingOf(parameters, hash_key), text),
});

interface Parameters {
  readonly gamma: number;
  readonly delta: number;
  readonly prefix_length: number;
  readonly vocab_size: number;
  readonly f_scheme: MarkllmKgwSetting["fScheme"];
  readonly window_scheme: MarkllmKgwSetting["windowScheme"];
}

function settingOf(parameters: Parameters, hashKey: string): MarkllmKgwSetting {
  return {
    hashKey: BigInt(hashKey),
    gamma: parameters.gamma,
    delta: parameters.delta,
    prefixLength: parameters.prefix_length,
    vocabSize: parameters.vocab_size,
    fScheme: parameters.f_scheme,
    windowScheme: parameters.window_scheme,
  };
}

function kgwTraps(setting: MarkllmKgwSetting, text: EngineText): readonly Trap[] {
  const other = (change: Partial<MarkllmKgwSetting>): Trap["scheme"] => markllmKgwScheme(ID, { ...setting, ...change });
  const listed = (vocabSize: number, gamma: number): boolean => Math.trunc(vocabSize * gamma) >= 1;
  const widths = widthTraps(
    setting.vocabSize,
    text,
    4,
    (vocabSize) => other({ vocabSize }),
    (vocabSize) => listed(vocabSize, setting.gamma),
  );
  if (!fitsVocabulary(setting.vocabSize, text)) return widths;
  const functions = F_SCHEMES.filter((name) => name !== setting.fScheme && setting.prefixLength > 1).map(
    (fScheme): Trap => ({
      code: "seeding-mismatch",
      advice: `The context function is ${fScheme}, not ${setting.fScheme}: set f_scheme.`,
      actual: { f_scheme: fScheme },
      scheme: other({ fScheme }),
    }),
  );
  const windows = WINDOW_SCHEMES.filter((name) => name !== setting.windowScheme).map(
    (windowScheme): Trap => ({
      code: "seeding-mismatch",
      advice: `The window scheme is ${windowScheme}, not ${setting.windowScheme}: set window_scheme.`,
      actual: { window_scheme: windowScheme },
      scheme: other({ windowScheme }),
    }),
  );
  const shares = [0.25, 0.5]
    .filter((gamma) => gamma !== setting.gamma && listed(setting.vocabSize, gamma))
    .map(
      (gamma): Trap => ({
        code: "gamma-mismatch",
        advice: `The lists hold a share ${gamma} of the vocabulary, not ${setting.gamma}: set gamma.`,
        actual: { gamma },
        scheme: other({ gamma }),
      }),
    );
  const keys = [DEFAULT_HASH_KEY]
    .filter((key) => BigInt(key) !== setting.hashKey)
    .map(
      (key): Trap => ({
        code: "default-key",
        advice:
          "The text carries the mark of MarkLLM's default key: the deployer never set hash_key, so anybody can read and forge it.",
        actual: { hash_key: "a public default" },
        scheme: other({ hashKey: BigInt(key) }),
        key: Key.fromEngine({ hash_key: key }),
      }),
    );
  return [
    ...prefixTraps(setting.prefixLength, (prefixLength) => other({ prefixLength })),
    ...windows,
    ...functions,
    ...widths,
    ...shares,
    ...keys,
  ];
}
