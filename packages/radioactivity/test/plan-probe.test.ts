import { gumbel, kgw } from "@tokenmark/core";
import { testKey } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { planProbe, type Tally, testTally } from "../src/index.ts";

const tallyOf = (tokensScored: number, statistic: number): Tally => ({
  tokensScored,
  statistic,
  positions: 2 * tokensScored,
  copied: 0,
  repeated: tokensScored,
  clusters: Array.from({ length: 10 }, () => ({ tokensScored: tokensScored / 10, statistic: statistic / 10 })),
});

describe("the planner", () => {
  it("asks for as many units as find a weak mark nine times in ten (400 simulated audits)", () => {
    const scheme = kgw(testKey("plan"), { gamma: 0.25, delta: 2, seeding: "lefthash", contextWidth: 1 });
    const { tokensScored } = planProbe(scheme, tallyOf(1000, 280), { alpha: 1e-3 });
    const random = seedrandom("audits");
    let found = 0;
    for (let audit = 0; audit < 400; audit++) {
      let green = 0;
      for (let i = 0; i < tokensScored!; i++) green += +(random() < 0.28);
      found += +(testTally(scheme, tallyOf(tokensScored!, green)).pValue <= 1e-3);
    }
    expect(found / 400).toBeGreaterThan(0.86);
    expect(found / 400).toBeLessThan(0.94);
  });

  it("matches the field's table: green rate .2588 against .25 takes about 55,000 units for a median p of 1e-6", () => {
    const scheme = kgw(testKey("plan"), { gamma: 0.25, delta: 2, seeding: "lefthash", contextWidth: 1 });
    const { tokensScored } = planProbe(scheme, tallyOf(10_000, 2588), { alpha: 1e-6, power: 0.5 });
    expect(tokensScored).toBeGreaterThan(54_000);
    expect(tokensScored).toBeLessThan(56_500);
  });

  it("a tenth of the marked share needs about a hundred times the units", () => {
    const scheme = gumbel(testKey("plan"), { contextWidth: 2 });
    const whole = planProbe(scheme, tallyOf(5000, 5500)).tokensScored!;
    const tenth = planProbe(scheme, tallyOf(5000, 5500), { shareRatio: 0.1 }).tokensScored!;
    expect(tenth / whole).toBeGreaterThan(80);
    expect(tenth / whole).toBeLessThan(125);
  });

  it("follows the pilot's growth of unique units, and says where it goes beyond", () => {
    const scheme = gumbel(testKey("plan"), { contextWidth: 2 });
    // Unique units as the root of positions.
    const clusters = Array.from({ length: 100 }, (_, i) => {
      const tokensScored = 100 * (Math.sqrt(i + 1) - Math.sqrt(i));
      return { tokensScored, statistic: 1.2 * tokensScored };
    });
    const pilot: Tally = {
      tokensScored: 1000,
      statistic: 1200,
      positions: 10_000,
      copied: 0,
      repeated: 9000,
      clusters,
    };
    const plan = planProbe(scheme, pilot, { alpha: 1e-9 });
    expect(plan.positions! / (plan.tokensScored! / 10) ** 2).toBeCloseTo(1, 1);
    expect(plan.isExtrapolated).toBe(plan.positions! > 10_000);
    expect(plan.isExtrapolated).toBe(true);
  });

  it("says that nothing will do where the pilot shows no mark, and refuses nonsense", () => {
    const scheme = gumbel(testKey("plan"), { contextWidth: 2 });
    expect(planProbe(scheme, tallyOf(5000, 4990))).toMatchObject({ tokensScored: null, positions: null });
    expect(() => planProbe(scheme, tallyOf(10, 12), { alpha: 0 })).toThrow(/alpha: wanted a number strictly between/);
    expect(() => planProbe(scheme, tallyOf(10, 12), { shareRatio: 0 })).toThrow(/shareRatio/);
    expect(() => planProbe(scheme, { ...tallyOf(10, 12), tokensScored: 0 })).toThrow(/pilot: wanted scored units/);
  });
});
