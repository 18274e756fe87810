import { expNonPositive } from "../exp-table.ts";
import type { TokenSequence } from "../types.ts";

/** Rows of a truncated distribution, best first: `logits[i]` belongs to index `indices[i]` of the untruncated one. */
export interface Truncation {
  readonly count: number;
  readonly indices: Int32Array;
  readonly logits: Float32Array;
}

/** What to keep; 0, 1 and 0 switch a rule off. */
export interface TruncationOptions {
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
}

/**
 * Top-k, then top-p, then min-p, ties to the lower index. Reuses its buffers: one truncator serves one sampler.
 *
 * Top-k keeps a heap of k. Nucleus alone never sorts the vocabulary: a token of probability below (1 − p)/V cannot be in
 * it, since all such tokens together weigh less than 1 − p.
 */
export function createTruncator(options: TruncationOptions): (logits: Float32Array) => Truncation {
  const { topK, topP, minP } = options;
  let indices = new Int32Array(1);
  let kept = new Float32Array(indices.length);

  function grow(n: number): void {
    if (indices.length >= n) return;
    indices = new Int32Array(n);
    kept = new Float32Array(n);
  }

  /** True if entry a is worse than entry b: smaller, or as large and later. */
  const worse = (a: number, b: number): boolean =>
    kept[a]! < kept[b]! || (kept[a]! === kept[b]! && indices[a]! > indices[b]!);

  function swap(a: number, b: number): void {
    const [x, y] = [kept[a]!, indices[a]!];
    kept[a] = kept[b]!;
    indices[a] = indices[b]!;
    kept[b] = x;
    indices[b] = y;
  }

  function siftDown(root: number, size: number): void {
    for (let at = root; ; ) {
      let least = 2 * at + 1;
      if (least >= size) return;
      if (least + 1 < size && worse(least + 1, least)) least++;
      if (!worse(least, at)) return;
      swap(at, least);
      at = least;
    }
  }

  /** The k best, as a heap whose root is the worst of them. */
  function heapOfBest(logits: Float32Array, k: number): number {
    grow(k);
    let size = 0;
    let i = 0;
    for (; i < logits.length && size < k; i++) {
      if (logits[i] === Number.NEGATIVE_INFINITY) continue;
      kept[size] = logits[i]!;
      indices[size++] = i;
    }
    for (let at = (size >> 1) - 1; at >= 0; at--) siftDown(at, size);
    for (; i < logits.length; i++) {
      if (logits[i]! > kept[0]!) {
        kept[0] = logits[i]!;
        indices[0] = i;
        siftDown(0, size);
      }
    }
    return size;
  }

  function sortBestFirst(size: number): void {
    for (let at = (size >> 1) - 1; at >= 0; at--) siftDown(at, size);
    for (let end = size - 1; end > 0; end--) {
      swap(0, end);
      siftDown(0, end);
    }
  }

  /** All entries that any of the rules might keep, unsorted. */
  function contenders(logits: Float32Array): number {
    grow(logits.length);
    let max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < logits.length; i++) if (logits[i]! > max) max = logits[i]!;
    let total = 0;
    for (let i = 0; i < logits.length; i++) total += expNonPositive(logits[i]! - max);
    const floor = max + Math.log(Math.max(((1 - topP) / logits.length) * total, minP));
    let size = 0;
    for (let i = 0; i < logits.length; i++) {
      // The small slack keeps rounding from dropping a token on the very edge; the exact rules follow.
      if (logits[i]! >= floor - 1e-3 && logits[i] !== Number.NEGATIVE_INFINITY) {
        kept[size] = logits[i]!;
        indices[size++] = i;
      }
    }
    return size;
  }

  /** Total weight of the nucleus' universe relative to the best entry: of the k kept, or of the whole vocabulary. */
  function universe(logits: Float32Array, size: number): number {
    let total = 0;
    if (topK > 0) for (let i = 0; i < size; i++) total += expNonPositive(kept[i]! - kept[0]!);
    else for (let i = 0; i < logits.length; i++) total += expNonPositive(logits[i]! - kept[0]!);
    return total;
  }

  return (logits) => {
    let count = topK > 0 ? heapOfBest(logits, Math.min(topK, logits.length)) : contenders(logits);
    sortBestFirst(count);
    if (topP < 1) {
      const enough = topP * universe(logits, count);
      let sum = 0;
      let keep = 0;
      while (keep < count && (keep === 0 || sum < enough)) sum += expNonPositive(kept[keep++]! - kept[0]!);
      count = keep;
    }
    if (minP > 0) {
      const floor = kept[0]! + Math.log(minP);
      while (count > 1 && kept[count - 1]! < floor) count--;
    }
    return { count, indices, logits: kept };
  };
}

/** Token ids of truncated rows. */
export function nameCandidates(truncation: Truncation, candidates: TokenSequence | undefined): Int32Array {
  const { count, indices } = truncation;
  if (candidates !== undefined) for (let i = 0; i < count; i++) indices[i] = candidates[indices[i]!]!;
  return indices.subarray(0, count);
}
