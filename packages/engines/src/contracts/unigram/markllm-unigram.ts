import { defineContract, type EngineContract } from "../../contract.ts";
import { integer64Field, integerField, numberField } from "../../field.ts";
import { unigramReading } from "./unigram-reading.ts";
import { unigramScheme } from "./unigram-scheme.ts";
import { unigramTraps } from "./unigram-traps.ts";

const ID = "markllm-unigram/numpy";
const NAMES = { contract: ID, fraction: "gamma", vocabSize: "vocab_size", key: "hash_key" };

/** MarkLLM's Unigram: the list of the authors' code under other names and another default key. */
export const markllmUnigramNumpy: EngineContract = defineContract({
  id: ID,
  engine: "MarkLLM",
  algorithm: "Unigram",
  state: "research",
  source: "THU-BPM/MarkLLM @ 112fa7419b11 (2025-10-14), watermark/unigram/unigram.py; numpy 1.24.2",
  parameters: {
    gamma: numberField(0, 1, { about: "green share of the vocabulary, in (0, 1)", fallback: 0.5, open: true }),
    delta: numberField(0, 100, { about: "bias added to green logits, in nats", fallback: 2 }),
    z_threshold: numberField(-1000, 1000, { about: "z above which MarkLLM says watermarked", fallback: 4 }),
    vocab_size: integerField(2, 0xffffff, { about: "tokens the list is drawn over; the deployer's setting" }),
  },
  secrets: {
    hash_key: integer64Field(-(2n ** 63n), 2n ** 63n - 1n, {
      about: "the key, a signed 64-bit integer",
      fallback: "15485863",
    }),
  },
  mustBeTold: [
    "The vocabulary size the list was drawn over: it decides every entry.",
    "Whether the text still holds the prompt: MarkLLM returns both together and scores both.",
    "The NumPy version, should a later one change its generator: NumPy promises no stable stream.",
  ],
  securityFacts: [
    "The key passes through 32 bits, so only 4,294,967,296 lists exist, whatever the key.",
    "The default key 15485863 is public: unless the deployer set another, anybody can read, forge and remove the mark.",
    "One list serves every context, so token frequencies of enough marked text give the list away.",
  ],
  create: ({ gamma, delta, vocab_size }, { hash_key }) =>
    unigramScheme(ID, { key: BigInt(hash_key), fraction: gamma, delta, vocabSize: vocab_size }),
  engineReading: ({ gamma, vocab_size, z_threshold }, { hash_key }, text) =>
    unigramReading({ key: BigInt(hash_key), fraction: gamma, vocabSize: vocab_size }, z_threshold, text),
  traps: ({ gamma, delta, vocab_size }, { hash_key }, text) =>
    unigramTraps(NAMES, { key: BigInt(hash_key), fraction: gamma, delta, vocabSize: vocab_size }, text),
});
