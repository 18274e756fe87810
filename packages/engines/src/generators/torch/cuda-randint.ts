import { philox4x32 } from "../philox.ts";

/** A GPU as far as the layout of its random numbers depends on it. */
export interface CudaDevice {
  readonly multiprocessors: number;
  readonly maxThreadsPerMultiprocessor: number;
}

const BLOCK = 256;

/**
 * `torch.randint(0, 2, (size,))` of PyTorch's CUDA generator after `manual_seed`.
 *
 * **Derived, not run**: the block function is checked, the layout of threads and words was read from PyTorch's kernels and agrees with published
 * `torch.rand` values of the seeds 0 and 42, but no GPU has confirmed it here. The table depends on the GPU's model and never equals the CPU's.
 *
 * @param seed - unsigned 64 bits.
 */
export function cudaRandintBits(seed: bigint, size: number, device: CudaDevice): Uint8Array {
  const { multiprocessors, maxThreadsPerMultiprocessor } = device;
  const resident = multiprocessors * Math.floor(maxThreadsPerMultiprocessor / BLOCK);
  const threads = BLOCK * Math.min(Math.ceil(size / BLOCK), resident);
  const [low, high] = [Number(seed & 0xffffffffn), Number((seed >> 32n) & 0xffffffffn)];
  const words = new Uint32Array(4);
  const bits = new Uint8Array(size);
  for (let turn = 0; 4 * threads * turn < size; turn++) {
    for (let thread = 0; thread < threads; thread++) {
      philox4x32(turn, 0, thread, 0, low, high, words);
      for (let w = 0; w < 4; w++) {
        const at = 4 * threads * turn + thread + w * threads;
        if (at < size) bits[at] = words[w]! & 1;
      }
    }
  }
  return bits;
}
