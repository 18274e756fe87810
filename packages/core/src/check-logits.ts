import { TokenmarkError } from "./errors.ts";
import type { ProcessOptions } from "./types.ts";

/**
 * The index of the largest logit, after refusing what no scheme can mark. Runs before anything is written, so a refused
 * call leaves the logits as they were.
 *
 * @throws TokenmarkError `bad-logits` (empty, or not one candidate a logit), `nan-logits`, `all-masked`.
 */
export function checkLogits(logits: Float32Array, candidates: ProcessOptions["candidates"]): number {
  const n = logits.length;
  if (n === 0) throw new TokenmarkError("bad-logits", "logits: wanted at least one score, got an empty array");
  if (candidates !== undefined && candidates.length !== n) {
    throw new TokenmarkError("bad-logits", `candidates: wanted one token id a logit (${n}), got ${candidates.length}`);
  }
  let best = -1;
  let max = Number.NEGATIVE_INFINITY;
  // A sum spreads any NaN, and +Infinity shows in the maximum: one cheap test outside the loop serves for both.
  let poison = 0;
  for (let i = 0; i < n; i++) {
    const value = logits[i]!;
    poison += value * 0 === 0 ? 0 : value === Number.NEGATIVE_INFINITY ? 0 : 1;
    if (value > max) {
      max = value;
      best = i;
    }
  }
  if (poison > 0) {
    throw new TokenmarkError(
      "nan-logits",
      `logits: wanted finite scores or -Infinity, got ${poison} NaN or +Infinity among ${n}`,
    );
  }
  if (best < 0)
    throw new TokenmarkError("all-masked", `logits: wanted at least one finite score, got ${n} times -Infinity`);
  return best;
}
