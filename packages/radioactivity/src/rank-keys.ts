import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { hasKnownLaw } from "./known-law.ts";
import type { PlannedTest } from "./planned-test.ts";

/** Wrong keys among which a first rank passes one of several tests at a level. */
export function rankKeysNeeded(alpha: number, tests: number): number {
  let keys = Math.ceil(tests / alpha - 1e-6) - 1;
  // As the correction multiplies it.
  while (tests * (1 / (1 + keys)) > alpha) keys++;
  return keys;
}

/** What {@link checkRankKeys} reads of a plan. */
interface RankPlan {
  readonly alpha: number;
  readonly tests: readonly PlannedTest[];
  readonly controls: { readonly wrongKeys: number };
}

/**
 * Refuses a plan whose wrong keys are too few for a scheme without a known law: no rank among them could reach the level. Needs no key.
 *
 * @param schemeOf - a test's scheme, under any key: keys do not change the law.
 * @throws TokenmarkError `bad-argument`.
 */
export function checkRankKeys(
  { alpha, tests, controls }: RankPlan,
  schemeOf: (test: PlannedTest) => WatermarkScheme,
): void {
  const needed = rankKeysNeeded(alpha, tests.length);
  if (controls.wrongKeys >= needed) return;
  const lawless = tests.find((test) => !hasKnownLaw(schemeOf(test)));
  if (lawless === undefined) return;
  throw new TokenmarkError(
    "bad-argument",
    `wrongKeys: wanted at least ${needed} at level ${alpha}, for ${lawless.scheme.scheme} has no known law and its p-value is its rank among wrong keys, got ${controls.wrongKeys}; plan a larger level (${1e-3} takes ${rankKeysNeeded(1e-3, tests.length)}) or more wrong keys`,
  );
}
