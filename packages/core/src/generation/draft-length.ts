import { checkInteger, checkNumber } from "../validate.ts";

/** How far ahead to ask. */
export interface DraftOptions {
  /** Positions a question may ask for at most, from 1 to 1024. @defaultValue 16 */
  readonly maxLength?: number;
  /**
   * A further position is drafted while the chance that it will be used is at least this, in (0, 1). Where a question costs L and each
   * drafted token t, the best value is t / (L + t). @defaultValue 0.2
   */
  readonly minUse?: number;
}

/** Chooses how many positions the next question asks for, from how the earlier ones went. */
export interface DraftLength {
  next(): number;
  /** Says whether the token chosen at the draft's position `depth` (0: its first) was the source's own. */
  observe(depth: number, agreed: boolean): void;
}

/** Observations older than some 1 / (1 − DECAY) no longer count: text changes from prose to lists and back. */
const DECAY = 0.98;
/** Weight of the pooled rate where a depth has few observations of its own. */
const PRIOR = 4;

/**
 * Estimates at each depth the chance that the choice agrees, given that it agreed before (agreement comes in runs, so one pooled rate
 * would stop too early), and asks as long as the product is worth it.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function createDraftLength(options: DraftOptions = {}): DraftLength {
  const { maxLength = 16, minUse = 0.2 } = options;
  checkInteger("speculate.maxLength", maxLength, 1, 1024);
  checkNumber("speculate.minUse", minUse, 0, 1, { open: true });
  const agreed = new Float64Array(maxLength);
  const seen = new Float64Array(maxLength);
  let pooledAgreed = 1;
  let pooledSeen = 2;
  return {
    next(): number {
      const pooled = pooledAgreed / pooledSeen;
      let use = 1;
      let length = 1;
      for (; length < maxLength; length++) {
        use *= (agreed[length - 1]! + PRIOR * pooled) / (seen[length - 1]! + PRIOR);
        if (use < minUse) break;
      }
      return length;
    },
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
