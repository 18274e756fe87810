import type { Trap } from "@tokenmark/core";
import { defineContract, type EngineContract, type EngineReading, type EngineText } from "../../contract.ts";
import { integer64Field, integerField, nullableField, numberField } from "../../field.ts";
import { deviceGenerator } from "../device-generator.ts";
import { contextPrf } from "./context-prf.ts";
import { hashTable } from "./hash-table.ts";
import { hfDetect } from "./hf-detector.ts";
import { kgwTraps } from "./kgw-traps.ts";
import { type KgwSetting, kgwListScheme } from "./list-scheme.ts";

/** Hugging Face's two ways of seeding. */
export type HfSeeding = "lefthash" | "selfhash";

/** Hugging Face's parameters. */
export interface HfParameters {
  readonly greenlist_ratio: number;
  readonly bias: number;
  readonly context_width: number;
  readonly vocab_size: number;
}

/** What Hugging Face's lists depend on. lefthash reads one token however wide its context is; selfhash looks at 40 candidates. */
export function hfSetting(seeding: HfSeeding, parameters: HfParameters, hashingKey: string): KgwSetting {
  const { greenlist_ratio, bias, context_width, vocab_size } = parameters;
  const key = BigInt(hashingKey);
  const isSelf = seeding === "selfhash";
  const table = (): Int32Array => hashTable(Number(BigInt.asIntN(32, key)));
  return {
    prf: () => contextPrf({ name: isSelf ? "anchored_minhash" : "additive", key, table }),
    contextWidth: context_width,
    reads: isSelf ? context_width : 1,
    selfSalt: isSelf,
    candidates: 40,
    vocabSize: vocab_size,
    gamma: greenlist_ratio,
    headIsGreen: true,
    delta: bias,
  };
}

const DEFAULT_KEY = "15485863";
const parameters = {
  greenlist_ratio: numberField(0, 1, { about: "green share of the vocabulary, in (0, 1)", fallback: 0.25, open: true }),
  bias: numberField(0, 100, { about: "bias added to green logits, in nats", fallback: 2 }),
  context_width: integerField(1, 1024, { about: "tokens that must precede; selfhash: that seed", fallback: 1 }),
  vocab_size: integerField(2, 0xffffff, { about: "vocab_size of the model's config, not the tokenizer's length" }),
  z_threshold: numberField(-1000, 1000, { about: "z above which Hugging Face says watermarked", fallback: 3 }),
  bos_token_id: nullableField(integerField(0, 0x7fffffff, { about: "begin token" }), {
    about: "begin token that the engine's detector cuts off, or null",
    fallback: null,
  }),
};
const secrets = {
  hashing_key: integer64Field(-(2n ** 63n), 2n ** 63n - 1n, {
    about: "the key, a signed 64-bit integer",
    fallback: DEFAULT_KEY,
  }),
};

const FAULTS: readonly string[] = [
  "ignore_repeated_ngrams has no effect (n-grams are counted as tensor objects, which never compare equal), so repeats count as new evidence.",
  "The printed p is no normal tail: the square root of its approximation is missing, so it is too large for small z and 0 from z ≈ 7.6 on.",
  "The z uses the configured share, not ⌊γV⌋/V.",
];

function contract(seeding: HfSeeding): EngineContract {
  const id = `hf-kgw-${seeding}/cpu`;
  return defineContract({
    id,
    engine: "Hugging Face transformers",
    algorithm: `KGW, ${seeding}`,
    state: "released",
    source:
      "huggingface/transformers @ 2da00a3cec88 (2026-03-30), generation/{logits_process,watermarking}.py; torch 1.13.1",
    parameters,
    secrets,
    mustBeTold: [
      "vocab_size of the model's config: it decides every list, and it is often larger than the tokenizer's.",
      "The device: lists drawn on a GPU come from another generator and cannot be read with this contract.",
      "The tokenizer and its revision.",
    ],
    securityFacts: [
      "Lists are drawn from 32 bits of the seed, so at most 2^32 lists exist, whatever the key.",
      "The default key 15485863 is public: unless the deployer set another, anybody can read, forge and remove the mark.",
      ...(seeding === "lefthash"
        ? ["Only one token seeds, so bigram frequencies of enough marked text give the lists away."]
        : []),
    ],
    blindSpots: [deviceGenerator],
    create: (given, { hashing_key }) => kgwListScheme(id, hfSetting(seeding, given, hashing_key)),
    engineReading(given, { hashing_key }, { tokens }: EngineText): EngineReading {
      const { scored, z, p } = hfDetect(hfSetting(seeding, given, hashing_key), tokens, given.bos_token_id);
      return {
        tokensScored: scored,
        statisticName: "z over all windows",
        statistic: z,
        pValue: p,
        marked: z === null ? null : z > given.z_threshold,
        faults: FAULTS,
      };
    },
    traps: (given, { hashing_key }, text): readonly Trap[] =>
      kgwTraps(id, hfSetting(seeding, given, hashing_key), text, {
        vocabSize: "vocab_size",
        gamma: "greenlist_ratio",
        width: seeding === "selfhash" ? "context_width" : null,
        withKey: (key) => ({ setting: hfSetting(seeding, given, key), secret: { hashing_key: key } }),
        key: hashing_key,
        defaultKey: DEFAULT_KEY,
      }),
  });
}

/** Hugging Face's KGW, lefthash: one list a preceding token. */
export const hfKgwLefthash: EngineContract = contract("lefthash");
/** Hugging Face's KGW, selfhash: the candidate takes part in its own seed. */
export const hfKgwSelfhash: EngineContract = contract("selfhash");
