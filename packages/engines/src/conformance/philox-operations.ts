import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { philox4x32 } from "../generators/philox.ts";
import { cudaRandintBits } from "../generators/torch/cuda-randint.ts";
import type { GoldenQuestion, Operation } from "./golden.ts";
import { integerIn, numberIn, tokensIn } from "./markllm-question.ts";

function block({ input }: GoldenQuestion): unknown {
  const [c0, c1, c2, c3] = tokensIn(input, "counter");
  const [k0, k1] = tokensIn(input, "key");
  const words = new Uint32Array(4);
  philox4x32(c0!, c1!, c2!, c3!, k0!, k1!, words);
  return { words };
}

function cudaTable({ params }: GoldenQuestion): unknown {
  const bits = cudaRandintBits(BigInt.asUintN(64, integerIn(params, "seed")), 65_536, {
    multiprocessors: numberIn(params, "multiprocessors"),
    maxThreadsPerMultiprocessor: numberIn(params, "maxThreadsPerMultiprocessor"),
  });
  return {
    first256: bits.subarray(0, 256).join(""),
    at40960_64: bits.subarray(40_960, 40_960 + 64).join(""),
    sha256_bytes: bytesToHex(sha256(bits)),
  };
}

/** Philox, and the layout that torch's CUDA kernels give its words. */
export const philoxOperations: readonly Operation[] = Object.freeze([
  { op: "philox_block", run: block },
  { op: "philox4x32_10", run: block },
  { op: "cuda_randint_0_2_65536", run: cudaTable },
]);
