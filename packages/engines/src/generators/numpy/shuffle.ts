import type { Pcg64 } from "./pcg64.ts";

/**
 * NumPy's `Generator.shuffle` of a one-dimensional array, in place: from the end down, by masked rejection (numpy 1.24.2).
 * `Generator.integers` draws by another method and is not this.
 */
export function shuffle(array: Uint8Array | Int32Array, generator: Pcg64): void {
  for (let i = array.length - 1; i > 0; i--) {
    const mask = 0xffffffff >>> Math.clz32(i);
    let at = generator.next32() & mask;
    while (at > i) at = generator.next32() & mask;
    const held = array[i]!;
    array[i] = array[at]!;
    array[at] = held;
  }
}
