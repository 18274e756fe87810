import { gumbel } from "@tokenmark/core";
import { testKey } from "@tokenmark/testkit";
import { describe, expect, it } from "vitest";
import { excessOfShare } from "../src/excess-of-share.ts";
import { planProbe, type Tally } from "../src/index.ts";

/** Of pilots given as share and excess, for a suspect of a share. */
const expected = (share: number, ...pilots: readonly (readonly [share: number, excess: number, units?: number])[]) =>
  excessOfShare(
    pilots.map(([own, excess, tokensScored = 1000]) => ({ shareRatio: share / own, excess, tokensScored })),
  );

describe("the excess of a share", () => {
  it("is linear from one pilot, whichever way", () => {
    expect(expected(0.1, [1, 0.5])).toBeCloseTo(0.05, 12);
    expect(expected(1, [0.5, 0.2])).toBeCloseTo(0.4, 12);
  });

  it("is a pilot's own at its share, and between two the power that joins them, in any order", () => {
    expect(expected(0.1, [1, 0.5], [0.1, 0.2])).toBeCloseTo(0.2, 12);
    expect(expected(1, [0.1, 0.2], [1, 0.5])).toBeCloseTo(0.5, 12);
    expect(expected(Math.sqrt(0.1), [1, 0.5], [0.1, 0.2])).toBeCloseTo(Math.sqrt(0.5 * 0.2), 12);
  });

  it("goes by the neighbours, not by pilots farther off", () => {
    expect(expected(0.2, [1, 0.9], [0.4, 0.2], [0.1, 0.1])).toBeCloseTo(Math.sqrt(0.2 * 0.1), 12);
  });

  it("is never more beyond the pilots than the linear rule would leave", () => {
    // Flat between the pilots: a smaller share is not taken to score as they do.
    expect(expected(0.05, [1, 0.2], [0.1, 0.2])).toBeCloseTo(0.1, 12);
    // Steeper than linear: that goes on.
    expect(expected(0.05, [1, 1], [0.1, 0.01])).toBeCloseTo(0.01 / 4, 12);
    expect(expected(2, [1, 1], [0.1, 0.01])).toBeCloseTo(2, 12);
    expect(expected(2, [1, 0.2], [0.1, 0.2])).toBeCloseTo(0.2, 12);
  });

  it("of pilots of one share is their mean by units", () => {
    expect(expected(0.1, [1, 0.5, 3000], [1, 0.1, 1000])).toBeCloseTo(0.04, 12);
    expect(expected(0.1, [1, 0.5, 3000], [1, -0.1, 1000])).toBeCloseTo(0.035, 12);
  });

  it("is none where one share shows none", () => {
    expect(expected(0.3, [1, 0.5], [0.1, -0.02])).toBe(-0.02);
  });
});

describe("the planner with pilots of several shares", () => {
  const tallyOf = (tokensScored: number, excess: number): Tally => ({
    tokensScored,
    statistic: tokensScored * (1 + excess),
    positions: tokensScored,
    copied: 0,
    repeated: 0,
    clusters: Array.from({ length: 10 }, () => ({
      tokensScored: tokensScored / 10,
      statistic: (tokensScored * (1 + excess)) / 10,
    })),
  });
  const scheme = gumbel(testKey("plan"), { contextWidth: 2 });
  const whole = tallyOf(5000, 0.2);

  it("counts on what lies between them", () => {
    const tenth = { tally: tallyOf(4000, 0.1), shareRatio: 1 };
    const plan = planProbe(scheme, whole, { shareRatio: 0.1, furtherPilots: [tenth] });
    expect(plan.assumedScore).toBeCloseTo(1.1, 12);
    expect(plan.tokensScored).toBe(planProbe(scheme, tenth.tally).tokensScored);
    // Unique units grow as with the pilot of the suspect's share.
    expect(plan.isExtrapolated).toBe(plan.positions! > 4000);
  });

  it("says that nothing will do where one of them shows no mark, and refuses nonsense", () => {
    const none = { tally: tallyOf(4000, -0.01), shareRatio: 1 };
    expect(planProbe(scheme, whole, { shareRatio: 0.1, furtherPilots: [none] }).tokensScored).toBeNull();
    const nonsense = { tally: whole, shareRatio: -1 };
    expect(() => planProbe(scheme, whole, { furtherPilots: [nonsense] })).toThrow(
      /shareRatio: wanted a number above 0/,
    );
    const empty = { tally: { ...whole, tokensScored: 0 }, shareRatio: 1 };
    expect(() => planProbe(scheme, whole, { furtherPilots: [empty] })).toThrow(/pilot: wanted scored units, got none/);
  });
});
