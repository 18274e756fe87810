import { randint } from "../../generators/torch/draws.ts";
import { torchGenerator } from "../../generators/torch/mt19937.ts";

/** Tables that are kept: most servers have the default one. */
const MOST_KEPT = 8;
const kept = new Map<string, Uint8Array>();

/** Hugging Face's sampling table: `torch.randint(0, 2, (size,))` of the CPU generator after a seed. */
export function samplingTable(size: number, seed: bigint): Uint8Array {
  const low32 = Number(BigInt.asIntN(32, seed));
  const name = `${size}/${low32}`;
  let table = kept.get(name);
  if (table === undefined) {
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
    const generator = torchGenerator(low32);
    table = Uint8Array.from({ length: size }, () => randint(generator, 0, 2));
    kept.set(name, table);
  }
  return table;
}
