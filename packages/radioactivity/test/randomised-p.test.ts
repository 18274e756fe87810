import { gumbel, kgw } from "@tokenmark/core";
import { ksUniform } from "@tokenmark/stats";
import { testKey } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { randomisedPValue, type Tally, testTally } from "../src/index.ts";

const tallyOf = (tokensScored: number, statistic: number): Tally => ({
  tokensScored,
  statistic,
  positions: tokensScored,
  copied: 0,
  repeated: 0,
  clusters: [],
});

describe("a randomised p-value", () => {
  const binomial = kgw(testKey("ties"), { gamma: 0.25, delta: 2, seeding: "lefthash", contextWidth: 1 });

  it("is uniform under a discrete law, whose p-values are not (2,000 draws of 40 units)", () => {
    const random = seedrandom("ties");
    const tests = Array.from({ length: 2000 }, () => {
      let green = 0;
      for (let i = 0; i < 40; i++) green += +(random() < 0.25);
      return testTally(binomial, tallyOf(40, green));
    });
    expect(ksUniform(tests.map(({ pValue }) => Math.min(1, pValue))).pValue).toBeLessThan(1e-6);
    const randomised = tests.map((test) => randomisedPValue(binomial, test, random()));
    expect(ksUniform(randomised.map((p) => Math.min(1, p))).pValue).toBeGreaterThan(0.01);
  });

  it("lies between the p-value and that of one more", () => {
    const test = testTally(binomial, tallyOf(40, 14));
    expect(randomisedPValue(binomial, test, 1)).toBeCloseTo(test.pValue, 12);
    expect(randomisedPValue(binomial, test, 0)).toBeCloseTo(testTally(binomial, tallyOf(40, 15)).pValue, 12);
  });

  it("is the p-value itself under a continuous law, and a plain draw where nothing was scored", () => {
    const scheme = gumbel(testKey("ties"), { contextWidth: 1 });
    const test = testTally(scheme, tallyOf(40, 52));
    expect(randomisedPValue(scheme, test, 0)).toBeCloseTo(test.pValue, 4);
    expect(randomisedPValue(scheme, testTally(scheme, tallyOf(0, 0)), 0.3)).toBe(0.3);
  });
});
