import type { Key, WatermarkScheme } from "@tokenmark/core";
import type { SchemeContractOptions } from "@tokenmark/testkit";
import { engineKey } from "../src/engine-key.ts";
import { engineRegistry, findContract } from "../src/registry.ts";

/** A registered contract with the settings that tests of all contracts use: ids below 256 occur, unless a row says otherwise. */
export interface Subject {
  readonly id: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Secrets in the engine's own form out of one of our keys. */
  readonly secrets: (key: Key) => Readonly<Record<string, unknown>>;
  readonly options?: SchemeContractOptions;
  /** Its reading is known and its generator is not; `process` refuses, so the suite, which marks texts, cannot run. */
  readonly readOnly?: boolean;
}

const words = (key: Key, count: number): BigUint64Array => {
  const view = new DataView(key.bytes("test", 8 * count).slice().buffer);
  return BigUint64Array.from({ length: count }, (_, i) => view.getBigUint64(8 * i));
};
const signed = (name: string) => (key: Key) => ({ [name]: `${BigInt.asIntN(64, words(key, 1)[0]!)}` });
const unsigned = (name: string) => (key: Key) => ({ [name]: `${words(key, 1)[0]}` });
const short = (name: string) => (key: Key) => ({ [name]: `${words(key, 1)[0]! >> 32n}` });
const layerKeys = (key: Key) => ({ keys: Array.from(words(key, 30), (word) => `${BigInt.asIntN(64, word)}`) });
const hex = (key: Key) => ({ key: words(key, 1)[0]!.toString(16) });
const twoHex = (key: Key) => {
  const [a, b] = words(key, 2);
  return { key: a!.toString(16), key_b: b!.toString(16) };
};
const twoSigned = (key: Key) => {
  const [a, b] = Array.from(words(key, 2), (word) => `${BigInt.asIntN(64, word)}`);
  return { key_a: a, key_b: b };
};

function row(id: string, secrets: Subject["secrets"], parameters = {}, options: SchemeContractOptions = {}): Subject {
  return { id, secrets, parameters, options };
}

const V = { vocab_size: 1024 };
// A prime vocabulary above the ids in use keeps MarkLLM's seeds, which are reduced by it, from clumping.
const PRIME = { vocab_size: 1031 };

/** At least one row a registered contract; the contract suite runs on each. */
export const SUBJECTS: readonly Subject[] = [
  row("hf-kgw-lefthash/cpu", signed("hashing_key"), V),
  // A table of 1,000,003 entries is drawn for each key.
  row("hf-kgw-selfhash/cpu", signed("hashing_key"), { ...V, context_width: 4 }, { lawKeys: 100 }),
  row("lm-watermarking/cpu", signed("hash_key"), V),
  row("lm-watermarking/cpu", signed("hash_key"), { ...V, seeding_scheme: "minhash", select_green_tokens: false }),
  row("lm-watermarking/cpu", signed("hash_key"), { ...V, seeding_scheme: "ff-noncomm_prf-2-False" }),
  row("lm-watermarking-legacy/cpu", short("hash_key"), V),
  row("tgi-kgw/cpu", () => ({}), V, { keyless: true }),
  row("hf-synthid/cpu-table", layerKeys),
  row("deepmind-synthid/0.2.1", layerKeys, { num_leaves: 3, ngram_len: 3 }),
  row("deepmind-synthid/main", layerKeys),
  row("vllm-gumbel/philox4x32-10-v1", unsigned("key"), { deduplicate_contexts_max_history: null }),
  row("vllm-gumbel/philox4x32-10-v1", unsigned("key"), { deduplicate_contexts: "all", context_width: 2 }),
  row("vllm-dual-key-gumbel/philox4x32-10-v1", unsigned("key"), { alpha: 0.2 }),
  row("vllm-sbw/philox", signed("key"), { gamma: 0.25, delta: 4 }),
  row("vllm-sbw/philox", signed("key"), { seeding_scheme: "lefthash", context_width: 2, delta: 4 }),
  row("vllm-red-green/draft", unsigned("key"), { delta: 4 }),
  row("vllm-synthid-text/draft", unsigned("key"), { depth: 30 }),
  row("sglang-gumbel/murmur3-32", hex),
  row("sglang-gumbel/murmur3-32", hex, { context_window: 1 }),
  row("sglang-gumbel/murmur3-32", twoHex, { context_window: 2, mixing_probability: 0.3 }),
  row("textseal-greenlist/v0.1", signed("key"), { ngram: 2 }),
  row("textseal-morphmark/v0.1", signed("key"), { ngram: 2 }),
  { ...row("textseal-dipmark/v0.1", signed("key"), { ngram: 2 }), readOnly: true },
  row("textseal-gumbelmax/v0.1", signed("key"), { ngram: 2 }),
  row("textseal-synthid/v0.1", signed("key"), { ngram: 2, depth: 10, version: "v0.2" }),
  row("textseal-dual/v0.2", twoSigned, { ngram: 2, mixing_alpha: 0.3 }),
  row("textseal-dual/v0.2", signed("key_a"), { ngram: 2 }),
  ...["time", "additive", "skip", "min"].map((f_scheme) =>
    row("markllm-kgw/cpu", signed("hash_key"), { ...PRIME, f_scheme, prefix_length: 2 }),
  ),
  row(
    "markllm-kgw/cpu",
    signed("hash_key"),
    { vocab_size: 263, f_scheme: "additive", window_scheme: "self", prefix_length: 3, gamma: 0.25 },
    { vocabularySize: 260 },
  ),
  row("markllm-exp/cpu", short("hash_key"), { ...PRIME, prefix_length: 2 }),
  row("markllm-exp-gumbel/cpu", signed("seed"), { vocab_size: 260 }, { vocabularySize: 260 }),
  row("unigram-watermark/numpy", signed("watermark_key"), V),
  row("markllm-unigram/numpy", signed("hash_key"), { ...V, gamma: 0.25 }),
  row("three-bricks-maryland/hash", unsigned("seed"), { ...V, ngram: 2, delta: 2 }),
  row("three-bricks-maryland/hash", unsigned("seed"), { ...V, gamma: 0.25, payload: 1000, delta: 2 }),
  row("three-bricks-openai/hash", unsigned("seed"), { ...V, ngram: 3, payload: 7 }),
];

/** The scheme of a row under a key. */
export function subjectScheme({ id, parameters, secrets }: Subject, key: Key): WatermarkScheme {
  return engineRegistry[id]!.create(parameters, engineKey(findContract(id), secrets(key)));
}
