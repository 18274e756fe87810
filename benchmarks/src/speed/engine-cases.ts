import type { WatermarkScheme } from "@tokenmark/core";
import { engineKey, engineRegistry, findContract } from "@tokenmark/engines";
import { plainLefthash } from "./plain/plain-lefthash.ts";
import { plainSynthid } from "./plain/plain-synthid.ts";

/** A contract under measurement with the plain path of the same contract, both made anew, so that nothing is cached yet. */
export interface EngineCase {
  readonly contract: string;
  readonly fast: () => WatermarkScheme;
  readonly plain: () => WatermarkScheme;
}

/** Depth 30. */
export const SYNTHID_KEYS: readonly string[] = Array.from({ length: 30 }, (_, l) => `${(l + 1) * 7919}`);
const HASHING_KEY = 15_485_863n;

/** Hugging Face's SynthID with a CPU's sampling table; five-grams. */
export function synthidCase(keys: readonly string[] = SYNTHID_KEYS, seed = 0): EngineCase {
  const contract = "hf-synthid/cpu-table";
  return {
    contract,
    fast: () =>
      engineRegistry[contract]!.create({ sampling_table_seed: `${seed}` }, engineKey(findContract(contract), { keys })),
    plain: () =>
      plainSynthid({ keys: keys.map(BigInt), ngram_len: 5, context_history_size: 1024, sampling_table_seed: seed }),
  };
}

/** Hugging Face's KGW lefthash: a quarter of the vocabulary green, bias 2, one token of context. */
export function lefthashCase(vocabSize: number, hashingKey: bigint = HASHING_KEY): EngineCase {
  const contract = "hf-kgw-lefthash/cpu";
  const parameters = { vocab_size: vocabSize, greenlist_ratio: 0.25, bias: 2 };
  return {
    contract,
    fast: () =>
      engineRegistry[contract]!.create(parameters, engineKey(findContract(contract), { hashing_key: hashingKey })),
    plain: () => plainLefthash({ ...parameters, hashing_key: hashingKey }),
  };
}
