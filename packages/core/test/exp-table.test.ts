import fc from "fast-check";
import { expect, it } from "vitest";
import { expNonPositive } from "../src/exp-table.ts";

it("expNonPositive equals Math.exp to 1e-12 relative on [-700, 0]", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -700, max: 0, noNaN: true }),
      (x) => Math.abs(expNonPositive(x) / Math.exp(x) - 1) < 1e-12 || x <= -700,
    ),
    { numRuns: 20_000, seed: 1 },
  );
});

it("expNonPositive is 1 at 0 and 0 for what is out of reach", () => {
  expect(expNonPositive(0)).toBe(1);
  for (const x of [-701, -1e9, Number.NEGATIVE_INFINITY, Number.NaN]) expect(expNonPositive(x)).toBe(0);
});
