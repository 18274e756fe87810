/** Rows this many times longer than k are searched with a heap. */
const HEAP_FACTOR = 64;

/**
 * Indices of `torch.topk(values, k)` on the CPU, the largest value first. Equal values come in the order that the engine's search leaves them
 * in: of long rows that of libstdc++'s `partial_sort` (pytorch v1.13.1, TopKImpl.h); of short ones, whose order is not modelled, by index.
 */
export function topkIndices(values: ArrayLike<number>, k: number): Int32Array {
  const n = values.length;
  const order = Int32Array.from({ length: n }, (_, i) => i);
  if (k * HEAP_FACTOR > n) return order.sort((a, b) => values[b]! - values[a]! || a - b).slice(0, k);
  const isBefore = (a: number, b: number): boolean => values[a]! > values[b]!;

  /** Sifts `value` into the heap of `length` from a hole on. */
  function adjust(from: number, length: number, value: number): void {
    let hole = from;
    let child = hole;
    while (child < (length - 1) >> 1) {
      child = 2 * (child + 1);
      if (isBefore(order[child]!, order[child - 1]!)) child--;
      order[hole] = order[child]!;
      hole = child;
    }
    if ((length & 1) === 0 && child === (length - 2) >> 1) {
      child = 2 * (child + 1) - 1;
      order[hole] = order[child]!;
      hole = child;
    }
    let parent = (hole - 1) >> 1;
    while (hole > from && isBefore(order[parent]!, value)) {
      order[hole] = order[parent]!;
      hole = parent;
      parent = (hole - 1) >> 1;
    }
    order[hole] = value;
  }

  for (let parent = (k - 2) >> 1; parent >= 0; parent--) adjust(parent, k, order[parent]!);
  for (let i = k; i < n; i++) {
    const value = order[i]!;
    if (!isBefore(value, order[0]!)) continue;
    order[i] = order[0]!;
    adjust(0, k, value);
  }
  for (let last = k - 1; last > 0; last--) {
    const value = order[last]!;
    order[last] = order[0]!;
    adjust(0, last, value);
  }
  return order.slice(0, k);
}
