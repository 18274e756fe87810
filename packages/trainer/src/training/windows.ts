import seedrandom from "seedrandom";
import { TrainerError } from "../errors.ts";

/** In what order training sees the windows of the token stream. */
export type DataOrder =
  /** A fresh permutation and a fresh shift of the window borders in each epoch. */
  | { readonly kind: "shuffled" }
  /** From the first window to the last, over and over. */
  | { readonly kind: "sequential" }
  /** The caller's own list of first tokens, over and over. */
  | { readonly kind: "starts"; readonly starts: ArrayLike<number> };

/** Where the windows of each training step begin: a pure function of the step, so that a resumed run sees the same data. */
export interface WindowPlan {
  readonly windowsPerEpoch: number;
  /** First tokens of the `batch` windows of step `step` (first: 0). */
  startsOf(step: number): number[];
}

/** Plans windows of `context` tokens (plus one target) over a stream of `tokenCount` tokens. */
export function planWindows(
  tokenCount: number,
  context: number,
  batch: number,
  seed: string,
  order: DataOrder,
): WindowPlan {
  if (tokenCount < 2 * context + 1) {
    throw new TrainerError(
      "corpus-empty",
      `the token stream must hold at least ${2 * context + 1} tokens (two windows), got ${tokenCount}`,
    );
  }
  if (order.kind === "starts") {
    const bad = Array.from(order.starts).find((start) => !(start >= 0 && start + context + 1 <= tokenCount));
    if (order.starts.length === 0 || bad !== undefined) {
      throw new TrainerError(
        "invalid-argument",
        `order.starts must lie in 0 … ${tokenCount - context - 1}, got ${bad}`,
      );
    }
  }
  // One window is given up so that the shift always fits.
  const full = Math.floor((tokenCount - 1) / context);
  const windowsPerEpoch = order.kind === "starts" ? order.starts.length : order.kind === "shuffled" ? full - 1 : full;
  let cachedEpoch = -1;
  let cached: number[] = [];
  const startsOfEpoch = (epoch: number): number[] => {
    if (epoch !== cachedEpoch) {
      cached = epochStarts(epoch, windowsPerEpoch, context, seed, order);
      cachedEpoch = epoch;
    }
    return cached;
  };
  return Object.freeze({
    windowsPerEpoch,
    startsOf(step: number): number[] {
      return Array.from({ length: batch }, (_, i) => {
        const window = step * batch + i;
        return startsOfEpoch(Math.floor(window / windowsPerEpoch))[window % windowsPerEpoch]!;
      });
    },
  });
}

function epochStarts(epoch: number, windows: number, context: number, seed: string, order: DataOrder): number[] {
  if (order.kind === "starts") return Array.from(order.starts);
  if (order.kind === "sequential") return Array.from({ length: windows }, (_, i) => i * context);
  const random = seedrandom(`${seed}/order/${epoch}`);
  const shift = Math.floor(random() * context);
  const starts = Array.from({ length: windows }, (_, i) => shift + i * context);
  // Fisher & Yates, Durstenfeld 1964.
  for (let i = starts.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [starts[i], starts[j]] = [starts[j]!, starts[i]!];
  }
  return starts;
}
