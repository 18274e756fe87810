import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { type CorrectedTest, correctTests } from "./correct-tests.ts";
import type { Probe } from "./probe.ts";
import { type TallyTest, testTally } from "./test-tally.ts";

/** A registered key under which somebody's answers were marked. */
export interface RegisteredKey {
  /** Public id: an account, an epoch. */
  readonly id: string;
  readonly scheme: WatermarkScheme;
}

/** A key that the student's predictions depend on. */
export interface NamedKey extends TallyTest, CorrectedTest {
  readonly id: string;
}

/** Whose answers a student was trained on. Plain JSON data. */
export interface KeyTrace {
  /** Keys named at the family-wise error `alpha`, the strongest first. */
  readonly named: readonly NamedKey[];
  /** The strongest key that is not named; null if all are. */
  readonly next: NamedKey | null;
  /** Registered keys, all of which are corrected for. */
  readonly correctedFor: number;
  readonly alpha: number;
}

/**
 * Tests every registered key on the same probe and names those that pass Holm's correction (1979): the chance of naming any key whose answers
 * the student never saw is at most `alpha`, whatever the others are.
 *
 * @param alpha - family-wise error, in (0, 1).
 * @throws TokenmarkError `bad-argument`.
 */
export function traceKeys(probe: Probe, keys: readonly RegisteredKey[], alpha: number): KeyTrace {
  if (!(alpha > 0 && alpha < 1)) {
    throw new TokenmarkError("bad-argument", `alpha: wanted a number strictly between 0 and 1, got ${alpha}`);
  }
  if (keys.length === 0) throw new TokenmarkError("bad-argument", "keys: wanted at least one, got none");
  const tests = keys.map(({ scheme }) => testTally(scheme, probe.tally(scheme)));
  const corrected = correctTests(tests);
  const all = tests
    .map((test, i): NamedKey => ({ id: keys[i]!.id, ...test, ...corrected[i]! }))
    .sort((a, b) => a.log10PValue - b.log10PValue);
  const named = all.filter(({ correctedPValue }) => correctedPValue <= alpha);
  return { named, next: all[named.length] ?? null, correctedFor: keys.length, alpha };
}
