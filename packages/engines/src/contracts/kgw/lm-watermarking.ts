import { TokenmarkError } from "@tokenmark/core";
import { defineContract, type EngineContract, type EngineReading, type EngineText } from "../../contract.ts";
import { booleanField, integer64Field, integerField, numberField, textField } from "../../field.ts";
import { deviceGenerator } from "../device-generator.ts";
import { contextPrf } from "./context-prf.ts";
import { greenFlags } from "./green-flags.ts";
import { hashTable } from "./hash-table.ts";
import { kgwTraps } from "./kgw-traps.ts";
import { type KgwSetting, kgwListScheme } from "./list-scheme.ts";
import { lmCount } from "./lm-detector.ts";
import { readSeedingScheme } from "./seeding-scheme.ts";

/** The seed of the table that every lm-watermarking function looks integers up in. */
export const LM_TABLE_SEED = 2971215073;
/** The key of lm-watermarking, of its legacy module and of TGI. */
export const LM_DEFAULT_KEY = "15485863";

/** What the lists of lm-watermarking depend on. */
export interface LmParameters {
  readonly seeding_scheme: string;
  readonly gamma: number;
  readonly delta: number;
  readonly vocab_size: number;
  readonly select_green_tokens: boolean;
}

/** The setting behind lm-watermarking's parameters; a self-salted processor looks at 41 candidates. */
export function lmSetting(parameters: LmParameters, hashKey: string): KgwSetting {
  const { prf, contextWidth, selfSalt } = readSeedingScheme(parameters.seeding_scheme);
  return {
    prf: () => contextPrf({ name: prf, key: BigInt(hashKey), table: () => hashTable(LM_TABLE_SEED) }),
    contextWidth,
    reads: contextWidth,
    selfSalt,
    candidates: 41,
    vocabSize: parameters.vocab_size,
    gamma: parameters.gamma,
    headIsGreen: parameters.select_green_tokens,
    delta: parameters.delta,
  };
}

function withoutKey(name: string): string {
  if (readSeedingScheme(name).key === null) return name;
  throw new TokenmarkError(
    "bad-config",
    "seeding_scheme: wanted a free-form name without its key, which is a secret; put it into the key file as hash_key",
  );
}

const sharedParameters = {
  delta: numberField(0, 100, { about: "bias added to green logits, in nats", fallback: 2 }),
  z_threshold: numberField(-1000, 1000, { about: "z above which it says watermarked", fallback: 4 }),
};
const secrets = {
  hash_key: integer64Field(-(2n ** 63n), 2n ** 63n - 1n, {
    about: "the key, a signed 64-bit integer",
    fallback: LM_DEFAULT_KEY,
  }),
};
const gammaOf = (fallback: number) =>
  numberField(0, 1, { about: "green share of the vocabulary, in (0, 1)", fallback, open: true });
const vocabSizeOf = (what: string) => integerField(2, 0xffffff, { about: `tokens the lists are drawn over: ${what}` });

const THIRTY_TWO_BITS = "Lists are drawn from 32 bits of the seed, so at most 2^32 lists exist, whatever the key.";
const PUBLIC_KEY =
  "The default key 15485863 is public: unless the deployer set another, anybody can read, forge and remove the mark.";
const DEVICE = "The device: lists drawn on a GPU come from another generator and cannot be read with this contract.";

function reading(
  setting: KgwSetting,
  { tokens }: EngineText,
  threshold: number,
  ignoreRepeated: boolean,
  faults: readonly string[],
): EngineReading {
  const { scored, z, p } = lmCount(greenFlags(setting, tokens), setting.gamma, ignoreRepeated);
  const statisticName = ignoreRepeated ? "z over distinct windows" : "z over all windows";
  return {
    tokensScored: scored,
    statisticName,
    statistic: z,
    pValue: p,
    marked: z === null ? null : z > threshold,
    faults,
  };
}

const NORMAL =
  "The p is a normal tail at γ as configured: at z = 4 and γ = 0.25 the true tail is about twice as large for 100 tokens, and the error grows with z.";

/** lm-watermarking's extended module: every seeding scheme, free-form ones included. */
export const lmWatermarking: EngineContract = defineContract({
  id: "lm-watermarking/cpu",
  engine: "lm-watermarking",
  algorithm: "KGW",
  state: "research",
  source: "jwkirchenbauer/lm-watermarking @ fb602de9f5ac (2024-03-14), extended_watermark_processor.py; torch 1.13.1",
  parameters: {
    seeding_scheme: textField(/^[\w-]{1,60}$/, "a seeding scheme's name", {
      about: "simple_1, lefthash, selfhash, algorithm-3, minhash, skipgram, or ff-<function>-<width>-<True|False>",
      fallback: "selfhash",
    }),
    gamma: gammaOf(0.25),
    vocab_size: vocabSizeOf("the length of the vocabulary list handed in"),
    select_green_tokens: booleanField({
      about: "green is the head of the permutation; false: its tail",
      fallback: true,
    }),
    ignore_repeated_ngrams: booleanField({ about: "the engine's detector counts each window once", fallback: true }),
    ...sharedParameters,
  },
  secrets,
  mustBeTold: [
    "The seeding scheme's full name and the length of the vocabulary list.",
    "The module: the extended one, its older copy (γ 0.5, simple_1, repeats counted) or the legacy one.",
    "Whether green or red tokens were selected.",
  ],
  securityFacts: [THIRTY_TWO_BITS, PUBLIC_KEY],
  blindSpots: [deviceGenerator],
  create: (given, { hash_key }) =>
    kgwListScheme(
      "lm-watermarking/cpu",
      lmSetting({ ...given, seeding_scheme: withoutKey(given.seeding_scheme) }, hash_key),
    ),
  engineReading: (given, { hash_key }, text) =>
    reading(lmSetting(given, hash_key), text, given.z_threshold, given.ignore_repeated_ngrams, [
      NORMAL,
      ...(given.ignore_repeated_ngrams
        ? [
            "Windows are told apart by all their tokens, the hash may see fewer: windows of one seed and token count as independent.",
          ]
        : ["Repeats count as new evidence."]),
    ]),
  traps: (given, { hash_key }, text) =>
    kgwTraps("lm-watermarking/cpu", lmSetting(given, hash_key), text, {
      vocabSize: "vocab_size",
      gamma: "gamma",
      width: null,
      withKey: (key) => ({ setting: lmSetting(given, key), secret: { hash_key: key } }),
      key: hash_key,
      defaultKey: LM_DEFAULT_KEY,
    }),
});

/** The setting of the legacy module and of TGI: one preceding token, the head is green. */
export function legacySetting(
  given: { readonly gamma: number; readonly delta: number; readonly vocab_size: number },
  key: string,
): KgwSetting {
  return lmSetting({ ...given, seeding_scheme: "simple_1", select_green_tokens: true }, key);
}

/** lm-watermarking's first module: one preceding token. */
export const lmLegacy: EngineContract = defineContract({
  id: "lm-watermarking-legacy/cpu",
  engine: "lm-watermarking",
  algorithm: "KGW, legacy module",
  state: "research",
  source: "jwkirchenbauer/lm-watermarking @ fb602de9f5ac (2024-03-14), watermark_processor.py; torch 1.13.1",
  parameters: {
    gamma: gammaOf(0.5),
    vocab_size: vocabSizeOf("the length of the vocabulary list handed in"),
    ...sharedParameters,
  },
  // The legacy module seeds with key · token unreduced; beyond 63 bits torch would refuse it, below it equals the reduced seed.
  secrets: {
    hash_key: integer64Field(0n, 2n ** 32n, { about: "the key, 0 to 2^32", fallback: LM_DEFAULT_KEY }),
  },
  mustBeTold: ["The length of the vocabulary list.", DEVICE],
  securityFacts: [
    THIRTY_TWO_BITS,
    PUBLIC_KEY,
    "Only one token seeds, so bigram frequencies of enough marked text give the lists away.",
  ],
  blindSpots: [deviceGenerator],
  create: (given, { hash_key }) => kgwListScheme("lm-watermarking-legacy/cpu", legacySetting(given, hash_key)),
  engineReading: (given, { hash_key }, text) =>
    reading(legacySetting(given, hash_key), text, given.z_threshold, true, [NORMAL]),
  traps: (given, { hash_key }, text) =>
    kgwTraps("lm-watermarking-legacy/cpu", legacySetting(given, hash_key), text, {
      vocabSize: "vocab_size",
      gamma: "gamma",
      width: null,
      withKey: (key) => ({ setting: legacySetting(given, key), secret: { hash_key: key } }),
      key: hash_key,
      defaultKey: LM_DEFAULT_KEY,
    }),
});

/** Hugging Face's text-generation-inference: the legacy lists under a constant key, no detector. */
export const tgiKgw: EngineContract = defineContract({
  id: "tgi-kgw/cpu",
  engine: "TGI",
  algorithm: "KGW",
  state: "released",
  source: "huggingface/text-generation-inference @ db931fcf42da, server/utils/watermark.py; torch 1.13.1",
  parameters: {
    gamma: gammaOf(0.5),
    delta: sharedParameters.delta,
    vocab_size: vocabSizeOf("the width of the logits, padding included"),
  },
  secrets: {},
  mustBeTold: [
    "WATERMARK_GAMMA and WATERMARK_DELTA of the server's environment.",
    "The width of the logits, which may be padded beyond the tokenizer.",
    "The device: servers run on a GPU, whose lists come from another generator; this contract reads text of CPU servers only.",
  ],
  securityFacts: [
    "The key 15485863 is a constant of the source code: anybody can read, forge and remove the mark, so a finding proves nothing about who wrote a text.",
    "The batched code marks only the last row of a batch.",
  ],
  blindSpots: [deviceGenerator],
  create: (given) => kgwListScheme("tgi-kgw/cpu", legacySetting(given, LM_DEFAULT_KEY)),
  traps: (given, _secrets, text) =>
    kgwTraps("tgi-kgw/cpu", legacySetting(given, LM_DEFAULT_KEY), text, {
      vocabSize: "vocab_size",
      gamma: "gamma",
      width: null,
      withKey: (key) => ({ setting: legacySetting(given, key), secret: {} }),
      key: LM_DEFAULT_KEY,
      defaultKey: null,
    }),
});
