import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { countGreen, dynamicThreshold, unigramZ } from "../contracts/unigram/unigram-detectors.ts";
import { unigramMask, unigramSeed } from "../contracts/unigram/unigram-mask.ts";
import { pcg64 } from "../generators/numpy/pcg64.ts";
import { seedSequence } from "../generators/numpy/seed-sequence.ts";
import { shuffle } from "../generators/numpy/shuffle.ts";
import type { GoldenQuestion, Operation } from "./golden.ts";
import { integerIn, numberIn, tokensIn } from "./markllm-question.ts";

/** False-positive rates that files ask thresholds for: a question does not say which ones, so all usual ones are answered. */
const ALPHAS = [
  ...["0.5", "0.25", "0.2", "0.15", "0.1", "0.05", "0.025", "0.02", "0.01", "0.005", "0.0025", "0.002", "0.001"],
  ...["0.0005", "0.0001", "1e-05", "1e-06", "1e-07", "1e-08"],
] as const;

const bitsOf = (mask: Uint8Array): string => mask.join("");

function words64(seed: bigint, count: number): readonly string[] {
  const generator = pcg64(seed);
  const pair = new Uint32Array(2);
  return Array.from({ length: count }, () => {
    generator.next(pair);
    return ((BigInt(pair[0]!) << 32n) | BigInt(pair[1]!)).toString();
  });
}

function defaultRng({ params }: GoldenQuestion): unknown {
  const seed = integerIn(params, "seed");
  const generator = pcg64(seed);
  const mask = new Uint8Array(100).fill(1, 0, 40);
  shuffle(mask, pcg64(seed));
  return {
    seedSequenceWords32: seedSequence(seed, 8),
    state: generator.state().toString(),
    inc: generator.increment().toString(),
    raw64: words64(seed, 8),
    shuffle_40ones_60zeros: bitsOf(mask),
  };
}

function maskOf({ params }: GoldenQuestion): Uint8Array {
  return unigramMask(integerIn(params, "key"), numberIn(params, "fraction"), numberIn(params, "vocabSize"));
}

function unigramMaskFacts(question: GoldenQuestion): unknown {
  const mask = maskOf(question);
  return {
    rngSeed: unigramSeed(integerIn(question.params, "key")),
    ones: mask.reduce((sum, bit) => sum + bit, 0),
    first256: bitsOf(mask.subarray(0, 256)),
    sha256_bytes: bytesToHex(sha256(mask)),
  };
}

function unigramDetector(question: GoldenQuestion): unknown {
  const { params, input } = question;
  const mask = maskOf(question);
  const tokens = tokensIn(input, "tokens");
  const counts = countGreen(mask, tokens);
  const z = unigramZ(counts, numberIn(params, "fraction"));
  const thresholds = ALPHAS.map(
    (alpha) => [alpha, dynamicThreshold(counts.distinct, mask.length, Number(alpha))] as const,
  );
  return {
    z: z.all ?? Number.NaN,
    zUnique: z.distinct ?? Number.NaN,
    ...Object.fromEntries(thresholds.map(([alpha, tau]) => [`tau_${alpha}`, tau])),
    ...Object.fromEntries(thresholds.map(([alpha, tau]) => [`dynamic_${alpha}`, (z.distinct ?? 0) > tau])),
    flags: tokens.map((token) => mask[token]).join(""),
  };
}

/** Operations of the Unigram files. */
export const unigramOperations: readonly Operation[] = Object.freeze([
  { op: "numpy_default_rng", run: defaultRng },
  { op: "unigram_mask", run: unigramMaskFacts },
  { op: "unigram_detector", run: unigramDetector },
]);
