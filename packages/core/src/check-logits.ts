import { TokenmarkError } from "./errors.ts";
import type { ProcessOptions } from "./types.ts";
import { checkTokenId } from "./validate.ts";

/**
 * The index of the largest logit, after refusing what no scheme can mark. Runs before anything is written, so a refused
 * call leaves the logits as they were.
 *
 * @throws TokenmarkError `bad-logits` (empty, or not one candidate a logit), `bad-argument` (a candidate that is no token id),
 * `nan-logits`, `all-masked`.
 */
export function checkLogits(logits: Float32Array, candidates: ProcessOptions["candidates"]): number {
  const n = logits.length;
  if (n === 0) throw new TokenmarkError("bad-logits", "logits: wanted at least one score, got an empty array");
  if (candidates !== undefined && candidates.length !== n) {
    throw new TokenmarkError("bad-logits", `candidates: wanted one token id a logit (${n}), got ${candidates.length}`);
  }
  if (candidates !== undefined) for (let i = 0; i < n; i++) checkTokenId("candidates", candidates[i]);
  let best = -1;
  let max = Number.NEGATIVE_INFINITY;
  let poisoned = 0;
  for (let i = nextAbove(logits, 0, max); i < n; i = nextAbove(logits, i + 1, max)) {
    const value = logits[i]!;
    if (Number.isNaN(value) || value === Number.POSITIVE_INFINITY) poisoned++;
    else {
      max = value;
      best = i;
    }
  }
  if (poisoned > 0) {
    throw new TokenmarkError(
      "nan-logits",
      `logits: wanted finite scores or -Infinity, got ${poisoned} NaN or +Infinity among ${n}`,
    );
  }
  if (best < 0)
    throw new TokenmarkError("all-masked", `logits: wanted at least one finite score, got ${n} times -Infinity`);
  return best;
}

/**
 * The first index from `from` on whose logit is not at most `max`; NaN is not, and new maxima are rare. Four at a time a whole vocabulary takes
 * half as long as one by one.
 */
function nextAbove(logits: Float32Array, from: number, max: number): number {
  const n = logits.length;
  let i = from;
  while (i < n - 3 && logits[i]! <= max && logits[i + 1]! <= max && logits[i + 2]! <= max && logits[i + 3]! <= max) {
    i += 4;
  }
  while (i < n && logits[i]! <= max) i++;
  return i;
}
