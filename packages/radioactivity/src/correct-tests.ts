import { holm } from "@tokenmark/stats";
import type { TallyTest } from "./test-tally.ts";

/** A p-value corrected for all tests that were made with it. */
export interface CorrectedTest {
  readonly correctedPValue: number;
  readonly correctedLog10PValue: number;
}

/**
 * Holm's correction (1979) of tests made together, in their order. Where p underflows Bonferroni's factor, the larger one, keeps the digits.
 *
 * @param made - how many were made, where these are the smallest of them. @defaultValue these
 */
export function correctTests(tests: readonly TallyTest[], made: number = tests.length): CorrectedTest[] {
  const pValues = tests.map(({ pValue }) => Math.min(1, pValue));
  return holm(pValues, made).map((correctedPValue, i) => ({
    correctedPValue,
    correctedLog10PValue: correctedPValue > 0 ? Math.log10(correctedPValue) : tests[i]!.log10PValue + Math.log10(made),
  }));
}
