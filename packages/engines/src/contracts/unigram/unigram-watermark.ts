import { defineContract, type EngineContract } from "../../contract.ts";
import { integer64Field, integerField, numberField } from "../../field.ts";
import { unigramReading } from "./unigram-reading.ts";
import { unigramScheme } from "./unigram-scheme.ts";
import { unigramTraps } from "./unigram-traps.ts";

const ID = "unigram-watermark/numpy";
const NAMES = { contract: ID, fraction: "fraction", vocabSize: "vocab_size", key: "watermark_key" };

/** The authors' own Unigram code (GPTWatermark), lists from NumPy's `default_rng`. */
export const unigramWatermarkNumpy: EngineContract = defineContract({
  id: ID,
  engine: "Unigram-Watermark",
  algorithm: "Unigram",
  state: "research",
  source: "XuandongZhao/Unigram-Watermark @ b96cdb4d5277 (2023-12-04), gptwm.py; numpy 1.24.2",
  parameters: {
    fraction: numberField(0, 1, { about: "green share of the vocabulary, in (0, 1)", fallback: 0.5, open: true }),
    strength: numberField(0, 100, { about: "bias added to green logits, in nats", fallback: 2 }),
    vocab_size: integerField(2, 0xffffff, { about: "tokens the list is drawn over", fallback: 50257 }),
  },
  secrets: {
    watermark_key: integer64Field(-(2n ** 63n), 2n ** 63n - 1n, {
      about: "the key, a signed 64-bit integer",
      fallback: "0",
    }),
  },
  mustBeTold: [
    "The vocabulary size the list was drawn over: it decides every entry.",
    "The NumPy version, should a later one change its generator: NumPy promises no stable stream.",
  ],
  securityFacts: [
    "The key passes through 32 bits, so only 4,294,967,296 lists exist, whatever the key.",
    "The default key is 0: unless the deployer set another, anybody can read, forge and remove the mark.",
    "One list serves every context, so token frequencies of enough marked text give the list away.",
  ],
  create: ({ fraction, strength, vocab_size }, { watermark_key }) =>
    unigramScheme(ID, { key: BigInt(watermark_key), fraction, delta: strength, vocabSize: vocab_size }),
  engineReading: ({ fraction, vocab_size }, { watermark_key }, text) =>
    unigramReading({ key: BigInt(watermark_key), fraction, vocabSize: vocab_size }, null, text),
  traps: ({ fraction, strength, vocab_size }, { watermark_key }, text) =>
    unigramTraps(NAMES, { key: BigInt(watermark_key), fraction, delta: strength, vocabSize: vocab_size }, text),
});
