import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { ksUniform } from "@tokenmark/stats";
import seedrandom from "seedrandom";
import { type CorrectedTest, correctTests } from "./correct-tests.ts";
import { LEAST_UNITS } from "./least-units.ts";
import type { Probe } from "./probe.ts";
import { randomisedPValue } from "./randomised-p.ts";
import { type TallyTest, testTally } from "./test-tally.ts";

/** A registered key under which somebody's answers were marked. */
export interface RegisteredKey {
  /** Public id: an account, an epoch. */
  readonly id: string;
  readonly scheme: WatermarkScheme;
  /** Where this key is looked for: what the student makes of the answers that this account was sent, or of one text that all keys share. */
  readonly probe: Probe;
}

/** The keys that are not named, as a test of the tail: most of them have nothing to do with the student. */
export interface OtherKeys {
  /** Those with at least 30 unique units. */
  readonly keys: number;
  /** Kolmogorov–Smirnov p of their p-values against uniform, ties of discrete laws broken at random. */
  readonly ksPValue: number;
  /** Keys with p ≤ .01, and ≤ .001. */
  readonly atOrBelow: readonly [hundredth: number, thousandth: number];
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
  /** Null where none has units enough. */
  readonly others: OtherKeys | null;
  /** Keys that are not named and have fewer units than that. */
  readonly untested: number;
  /** Registered keys, all of which are corrected for. */
  readonly correctedFor: number;
  readonly alpha: number;
}

function summarise(others: readonly NamedKey[], schemeOf: ReadonlyMap<string, WatermarkScheme>): OtherKeys | null {
  const tested = others.filter(({ tokensScored }) => tokensScored >= LEAST_UNITS);
  if (tested.length === 0) return null;
  const random = seedrandom("ties of other keys");
  const randomised = tested.map((test) => Math.min(1, randomisedPValue(schemeOf.get(test.id)!, test, random())));
  const below = (level: number): number => tested.filter(({ pValue }) => pValue <= level).length;
  return { keys: tested.length, ksPValue: ksUniform(randomised).pValue, atOrBelow: [below(0.01), below(0.001)] };
}

/**
 * Tests every registered key and names those that pass Holm's correction (1979): the chance of naming any key whose answers the student never
 * saw is at most `alpha`, whatever the others are.
 *
 * @param alpha - family-wise error, in (0, 1).
 * @throws TokenmarkError `bad-argument`.
 */
export function traceKeys(keys: readonly RegisteredKey[], alpha: number): KeyTrace {
  if (!(alpha > 0 && alpha < 1)) {
    throw new TokenmarkError("bad-argument", `alpha: wanted a number strictly between 0 and 1, got ${alpha}`);
  }
  if (keys.length === 0) throw new TokenmarkError("bad-argument", "keys: wanted at least one, got none");
  const schemeOf = new Map<string, WatermarkScheme>();
  for (const { id, scheme } of keys) {
    if (schemeOf.has(id)) throw new TokenmarkError("bad-argument", `keys: wanted each id once, got ${id} twice`);
    schemeOf.set(id, scheme);
  }
  const tests = keys.map(({ scheme, probe }) => testTally(scheme, probe.tally(scheme)));
  if (tests.every(({ tokensScored }) => tokensScored === 0)) {
    throw new TokenmarkError(
      "bad-argument",
      "keys: wanted units of the suspect to score under one of them, got none under any: its probe has no text, or all of it is copies",
    );
  }
  const corrected = correctTests(tests);
  const all = tests
    .map((test, i): NamedKey => ({ id: keys[i]!.id, ...test, ...corrected[i]! }))
    .sort((a, b) => a.log10PValue - b.log10PValue);
  const named = all.filter(({ correctedPValue }) => correctedPValue <= alpha);
  const others = all.slice(named.length);
  return {
    named,
    next: others[0] ?? null,
    others: summarise(others, schemeOf),
    untested: others.filter(({ tokensScored }) => tokensScored < LEAST_UNITS).length,
    correctedFor: keys.length,
    alpha,
  };
}
