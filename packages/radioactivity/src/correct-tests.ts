import { holm } from "@tokenmark/stats";
import type { TallyTest } from "./test-tally.ts";

/** A p-value corrected for all tests that were made with it. */
export interface CorrectedTest {
  readonly correctedPValue: number;
  readonly correctedLog10PValue: number;
}

/** Holm's correction (1979) of the smallest of `total` p-values, in ascending order: what {@link correctTests} gives them among all. */
export function correctFirst(tests: readonly TallyTest[], total: number): CorrectedTest[] {
  let most = 0;
  return tests.map(({ pValue, log10PValue }, i) => {
    most = Math.max(most, Math.min(1, (total - i) * Math.min(1, pValue)));
    return {
      correctedPValue: most,
      correctedLog10PValue: most > 0 ? Math.log10(most) : log10PValue + Math.log10(total),
    };
  });
}

/** Holm's correction (1979) of tests made together, in their order. Where p underflows Bonferroni's factor, the larger one, keeps the digits. */
export function correctTests(tests: readonly TallyTest[]): CorrectedTest[] {
  return holm(tests.map(({ pValue }) => Math.min(1, pValue))).map((correctedPValue, i) => ({
    correctedPValue,
    correctedLog10PValue:
      correctedPValue > 0 ? Math.log10(correctedPValue) : tests[i]!.log10PValue + Math.log10(tests.length),
  }));
}
