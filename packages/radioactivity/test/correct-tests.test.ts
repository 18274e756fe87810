import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { correctTests } from "../src/correct-tests.ts";
import type { TallyTest } from "../src/index.ts";

const testOf = (log10PValue: number): TallyTest => ({
  tokensScored: 50,
  statistic: 1,
  meanScore: 0,
  expectedScore: 0,
  zScore: 0,
  pValue: 10 ** log10PValue,
  log10PValue,
  tail: "exact",
});

describe("Holm's correction", () => {
  it("of the smallest p-values is what it is among all, for p-values that underflow too", () => {
    const random = seedrandom("holm");
    const tests = Array.from({ length: 40 }, (_, i) => testOf(-random() * (i < 5 ? 500 : 3)));
    const sorted = tests.toSorted((a, b) => a.log10PValue - b.log10PValue);
    const all = correctTests(sorted);
    for (const shown of [1, 5, 12, 40]) {
      correctTests(sorted.slice(0, shown), 40).forEach((own, i) => {
        expect(own.correctedPValue).toBeCloseTo(all[i]!.correctedPValue, 12);
        expect(own.correctedLog10PValue).toBeCloseTo(all[i]!.correctedLog10PValue, 9);
      });
    }
  });
});
