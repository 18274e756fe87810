import { defineScheme, type WatermarkScheme } from "@tokenmark/core";
import { mersenneTwister } from "./mersenne-twister.ts";

/** Parameters of `hf-kgw-lefthash/cpu` under the engine's names; the context is one token. */
export interface PlainLefthashOptions {
  readonly vocab_size: number;
  readonly greenlist_ratio: number;
  readonly bias: number;
  readonly hashing_key: bigint;
}

/**
 * Hugging Face's KGW lefthash as one reads it (Kirchenbauer et al. 2023, algorithm 2; generation/logits_process.py): for every position the whole
 * vocabulary is permuted after a seed of key and last token, the head is the green list, and a token is looked for in it. Nothing is kept
 * from one position to the next.
 */
export function plainLefthash(options: PlainLefthashOptions): WatermarkScheme {
  const { vocab_size: size, greenlist_ratio, bias, hashing_key } = options;
  const listed = Math.floor(size * greenlist_ratio);
  let seed = 0;

  function greenList(): Int32Array {
    const random = mersenneTwister(seed);
    const permutation = new Int32Array(size);
    for (let i = 0; i < size; i++) permutation[i] = i;
    for (let i = 0; i < size - 1; i++) {
      const j = i + (random() % (size - i));
      const held = permutation[i]!;
      permutation[i] = permutation[j]!;
      permutation[j] = held;
    }
    return permutation.subarray(0, listed);
  }
  const score = (token: number): number => (greenList().includes(token) ? 1 : 0);

  return defineScheme(
    {
      name: "plain hf-kgw-lefthash/cpu",
      context: { width: 1, prompt: "included", missing: "unmarked" },
      repeats: { kind: "none" },
      nullLaw: { family: "bernoulli", p: listed / size, weights: [1] },
      unit: "ngram",
      stage: "before-truncation",
      selects: false,
      needsSampling: false,
      distortionFree: false,
      components: 1,
    },
    {
      seed(tokens, from) {
        const modulus = 2n ** 64n - 1n;
        const value = (hashing_key * BigInt(tokens[from]!)) % modulus;
        seed = Number(BigInt.asUintN(32, value < 0n ? value + modulus : value));
      },
      score,
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit(token, units, at) {
        units[at] = seed;
        units[at + 1] = token;
      },
      mark(logits, { candidates }) {
        const isGreen = new Uint8Array(size);
        for (const token of greenList()) isGreen[token] = 1;
        for (let i = 0; i < logits.length; i++) {
          const token = candidates === undefined ? i : candidates[i]!;
          if (token < size && isGreen[token] === 1) logits[i] = logits[i]! + Math.fround(bias);
        }
      },
    },
  );
}
