import { defineScheme, type WatermarkScheme } from "@tokenmark/core";
import { mersenneTwister } from "./mersenne-twister.ts";

/** Parameters of `hf-synthid/cpu-table` under the engine's names; a table of 65,536 entries. */
export interface PlainSynthidOptions {
  readonly keys: readonly bigint[];
  readonly ngram_len: number;
  readonly context_history_size: number;
  readonly sampling_table_seed: number;
}

const TABLE_SIZE = 65_536;
/** 6364136223846793005 modulo the table's size: no bit of a hash depends on a higher one, and only the low 16 choose an entry. */
const MULTIPLIER = Number(6364136223846793005n % BigInt(TABLE_SIZE));

const accumulate = (hash: number, data: number): number => (Math.imul(hash + data, MULTIPLIER) + 1) & (TABLE_SIZE - 1);

/**
 * Hugging Face's SynthID-Text as one reads it (Dathathri et al., Nature 634, 2024; generation/logits_process.py): a g-value for each token
 * and layer from the sampling table, then layer by layer the mass of the tokens of g = 1 and one multiplication a token, over
 * float arrays.
 */
export function plainSynthid(options: PlainSynthidOptions): WatermarkScheme {
  const { keys, ngram_len, context_history_size, sampling_table_seed } = options;
  const random = mersenneTwister(sampling_table_seed);
  const table = Uint8Array.from({ length: TABLE_SIZE }, () => random() % 2);
  const layers = keys.map((key) => Number(BigInt.asUintN(16, key)));
  const gValue = (ngram: number, layer: number): number => table[accumulate(ngram, layers[layer]!)]!;
  let context = 0;

  function ones(ngram: number): number {
    let count = 0;
    for (let layer = 0; layer < layers.length; layer++) count += gValue(ngram, layer);
    return count;
  }

  const counts = new Float64Array(layers.length + 1);
  for (let ngram = 0; ngram < TABLE_SIZE; ngram++) counts[ones(ngram)]! += 1;
  const reached = [...counts.keys()].filter((count) => counts[count]! > 0);

  return defineScheme(
    {
      name: "plain hf-synthid/cpu-table",
      context: { width: ngram_len - 1, prompt: "excluded", missing: { pad: 0 } },
      repeats: { kind: "contexts", scope: "generated", history: context_history_size, counts: "positions" },
      nullLaw: {
        family: "lattice",
        values: Float64Array.from(reached),
        probabilities: Float64Array.from(reached, (count) => counts[count]! / TABLE_SIZE),
      },
      unit: "ngram",
      stage: "after-truncation",
      selects: false,
      needsSampling: true,
      distortionFree: true,
      components: layers.length,
    },
    {
      seed(tokens, from, count) {
        context = 1;
        for (let i = from; i < from + count; i++) context = accumulate(context, tokens[i]!);
      },
      score: (token) => ones(accumulate(context, token)),
      parts(token, out, at) {
        const ngram = accumulate(context, token);
        for (let layer = 0; layer < layers.length; layer++) out[at + layer] = gValue(ngram, layer);
      },
      unit(token, units, at) {
        units[at] = accumulate(context, token);
        units[at + 1] = 0;
      },
      mark(logits, { candidates }, best) {
        const max = logits[best]!;
        const p = Float64Array.from(logits, (logit) => Math.exp(logit - max));
        const total = p.reduce((sum, weight) => sum + weight, 0);
        for (let i = 0; i < p.length; i++) p[i] = p[i]! / total;
        const ngrams = Int32Array.from(logits, (_, i) =>
          accumulate(context, candidates === undefined ? i : candidates[i]!),
        );
        const g = new Uint8Array(p.length);
        for (let layer = 0; layer < layers.length; layer++) {
          let mass = 0;
          for (let i = 0; i < p.length; i++) {
            g[i] = gValue(ngrams[i]!, layer);
            mass += g[i]! * p[i]!;
          }
          mass = Math.min(1, mass);
          for (let i = 0; i < p.length; i++) p[i] = p[i]! * (1 + g[i]! - mass);
        }
        for (let i = 0; i < p.length; i++) logits[i] = Math.log(p[i]!);
      },
    },
  );
}
