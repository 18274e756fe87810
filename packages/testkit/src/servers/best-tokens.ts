/**
 * The `count` largest entries, best first, ties to the lower index. A heap of `count`, so that the top 100 of 150,000 cost one
 * pass; entries of −Infinity come last.
 */
export function bestTokens(scores: ArrayLike<number>, count: number): Int32Array {
  const size = Math.min(Math.max(count, 0), scores.length);
  const heap = new Int32Array(size);
  if (size === 0) return heap;
  const worse = (a: number, b: number): boolean => scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);

  function siftDown(root: number, length: number): void {
    for (let at = root; ; ) {
      let child = 2 * at + 1;
      if (child >= length) return;
      if (child + 1 < length && worse(heap[child + 1]!, heap[child]!)) child++;
      if (!worse(heap[child]!, heap[at]!)) return;
      const moved = heap[at]!;
      heap[at] = heap[child]!;
      heap[child] = moved;
      at = child;
    }
  }

  for (let i = 0; i < size; i++) heap[i] = i;
  for (let at = (size >> 1) - 1; at >= 0; at--) siftDown(at, size);
  for (let i = size; i < scores.length; i++) {
    if (!worse(heap[0]!, i)) continue;
    heap[0] = i;
    siftDown(0, size);
  }
  // Taking the worst off the top again and again leaves the best in front.
  for (let end = size - 1; end > 0; end--) {
    const worst = heap[0]!;
    heap[0] = heap[end]!;
    heap[end] = worst;
    siftDown(0, end);
  }
  return heap;
}
