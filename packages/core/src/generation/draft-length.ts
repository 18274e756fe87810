import { checkInteger, checkNumber } from "../validate.ts";
import { createCallTiming } from "./call-timing.ts";

/** How far ahead to ask. */
export interface DraftOptions {
  /** Positions a question may ask for at most, from 1 to 1024. @defaultValue 16 */
  readonly maxLength?: number;
  /**
   * A further position is drafted while the chance that it will be used is at least this, in (0, 1). @defaultValue learnt from how long
   * questions take: with L for a question and t for each of its positions, t / (L + t), which is where one more position starts to cost
   * more than it saves
   */
  readonly minUse?: number;
}

/** Chooses how many positions the next question asks for, from how the earlier ones went. */
export interface DraftLength {
  next(): number;
  /** Says whether the token chosen at the draft's position `depth` (0: its first) was the source's own. */
  observe(depth: number, agreed: boolean): void;
  /** Says how long a question for `count` positions took. */
  took(count: number, ms: number): void;
}

/** Observations older than some 1 / (1 − DECAY) no longer count: text changes from prose to lists and back. */
const DECAY = 0.98;
/** Weight of the pooled rate where a depth has few observations of its own. */
const PRIOR = 4;
/** Until the costs are known, and how far from the middle they are believed: near 0 and 1 an estimate is mostly noise. */
const FIRST_MIN_USE = 0.2;
const LEAST_MIN_USE = 0.05;
const MOST_MIN_USE = 0.8;

/**
 * Estimates at each depth the chance that the choice agrees, given that it agreed before (agreement comes in runs, so one pooled rate
 * would stop too early), and asks as long as the product is worth it.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function createDraftLength(options: DraftOptions = {}): DraftLength {
  const { maxLength = 16, minUse } = options;
  checkInteger("speculate.maxLength", maxLength, 1, 1024);
  if (minUse !== undefined) checkNumber("speculate.minUse", minUse, 0, 1, { open: true });
  const timing = createCallTiming();
  const agreed = new Float64Array(maxLength);
  const seen = new Float64Array(maxLength);
  let pooledAgreed = 1.5;
  let pooledSeen = 2;

  function worthwhile(): number {
    if (minUse !== undefined) return minUse;
    const share = timing.shareOfPosition;
    return share === null ? FIRST_MIN_USE : Math.min(MOST_MIN_USE, Math.max(LEAST_MIN_USE, share));
  }

  return {
    next(): number {
      const pooled = pooledAgreed / pooledSeen;
      const least = worthwhile();
      let use = 1;
      let length = 1;
      for (; length < maxLength; length++) {
        use *= (agreed[length - 1]! + PRIOR * pooled) / (seen[length - 1]! + PRIOR);
        if (use < least) break;
      }
      return length;
    },
    took: timing.observe,
    observe(depth: number, agrees: boolean): void {
      const one = agrees ? 1 : 0;
      pooledAgreed = pooledAgreed * DECAY + one;
      pooledSeen = pooledSeen * DECAY + 1;
      if (depth >= maxLength) return;
      agreed[depth] = agreed[depth]! * DECAY + one;
      seen[depth] = seen[depth]! * DECAY + 1;
    },
  };
}
