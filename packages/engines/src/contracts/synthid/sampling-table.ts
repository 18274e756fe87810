import { randint } from "../../generators/torch/draws.ts";
import { torchGenerator } from "../../generators/torch/mt19937.ts";

/** Hugging Face's sampling table: `torch.randint(0, 2, (size,))` of the CPU generator after a seed. */
export function samplingTable(size: number, seed: bigint): Uint8Array {
  const generator = torchGenerator(Number(BigInt.asIntN(32, seed)));
  return Uint8Array.from({ length: size }, () => randint(generator, 0, 2));
}
