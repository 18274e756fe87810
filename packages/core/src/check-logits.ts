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
  for (let i = 0; i < n; i++) {
    const value = logits[i]!;
    // One comparison a token: NaN fails it as a new maximum does, and both are rare.
    if (!(value <= max)) {
      if (Number.isNaN(value) || value === Number.POSITIVE_INFINITY) poisoned++;
      else {
        max = value;
        best = i;
      }
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
