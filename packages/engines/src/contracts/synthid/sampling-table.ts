import { type CudaDevice, cudaRandintBits } from "../../generators/torch/cuda-randint.ts";
import { randint } from "../../generators/torch/draws.ts";
import { torchGenerator } from "../../generators/torch/mt19937.ts";

/** Tables that are kept: most servers have the default one. */
const MOST_KEPT = 8;
const kept = new Map<string, Uint8Array>();

/**
 * Hugging Face's sampling table: `torch.randint(0, 2, (size,))` after a seed, of the CPU's generator or of a GPU's.
 *
 * @param device - the GPU that drew it; null for the CPU, which looks at the seed's low 32 bits only.
 */
export function samplingTable(size: number, seed: bigint, device: CudaDevice | null = null): Uint8Array {
  const low32 = Number(BigInt.asIntN(32, seed));
  const name =
    device === null
      ? `${size}/${low32}`
      : `${size}/${seed}/${device.multiprocessors}/${device.maxThreadsPerMultiprocessor}`;
  let table = kept.get(name);
  if (table === undefined) {
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
    table = device === null ? drawOnCpu(size, low32) : cudaRandintBits(BigInt.asUintN(64, seed), size, device);
    kept.set(name, table);
  }
  return table;
}

function drawOnCpu(size: number, low32: number): Uint8Array {
  const generator = torchGenerator(low32);
  return Uint8Array.from({ length: size }, () => randint(generator, 0, 2));
}
