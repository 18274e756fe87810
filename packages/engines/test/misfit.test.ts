import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { firstPositionsMisfit } from "../src/misfit/first-positions-misfit.ts";
import { silentShare } from "../src/misfit/silent-share.ts";

/** Every way to choose `m` of `n`, its rank sum counted. */
function byCounting(scores: readonly number[], m: number): number {
  const n = scores.length;
  const rankSum = (chosen: readonly number[]): number =>
    chosen.reduce((sum, i) => sum + scores.filter((other) => other < scores[i]!).length, 0);
  const own = rankSum(Array.from({ length: m }, (_, i) => i));
  let [low, all] = [0, 0];
  const walk = (from: number, chosen: readonly number[]): void => {
    if (chosen.length === m) {
      all++;
      if (rankSum(chosen) <= own) low++;
      return;
    }
    for (let i = from; i < n; i++) walk(i + 1, [...chosen, i]);
  };
  walk(0, []);
  return low / all;
}

describe("misfit of the first positions", () => {
  it("is the exact share of choices with so low a rank sum", () => {
    const random = seedrandom("misfit");
    for (let round = 0; round < 30; round++) {
      const scores = Array.from({ length: 5 + Math.floor(random() * 7) }, () => random());
      const m = 1 + Math.floor(random() * 4);
      expect(firstPositionsMisfit(scores, m)).toBeCloseTo(byCounting(scores, m), 12);
    }
  });

  it("is uniform where nothing is wrong, small where the start is silent, and 1 with nothing to compare", () => {
    const random = seedrandom("uniform");
    let low = 0;
    for (let i = 0; i < 2000; i++) {
      if (firstPositionsMisfit(Array.from({ length: 60 }, random), 4) <= 0.05) low++;
    }
    // 100 are expected at most; 134 or more have a probability below 1e-3.
    expect(low).toBeLessThan(134);
    expect(low).toBeGreaterThan(60);
    expect(firstPositionsMisfit([0, 0, 0, 0, ...Array.from({ length: 100 }, () => 5 + random())], 4)).toBeLessThan(
      1e-5,
    );
    expect(firstPositionsMisfit([1, 2], 4)).toBe(1);
    expect(firstPositionsMisfit([Number.NaN, 2, 3], 1)).toBe(1);
  });
});

describe("silent share", () => {
  it("is small where more positions are silent than the share, and 1 without positions", () => {
    const random = seedrandom("silent");
    const scores = (share: number): number[] =>
      Array.from({ length: 300 }, () => (random() < share ? -Math.log(random()) : 4 + random()));
    expect(silentShare(scores(0.9), 0.5)).toBeLessThan(1e-4);
    expect(silentShare(scores(0.2), 0.5)).toBeGreaterThan(0.9);
    expect(silentShare([], 0.5)).toBe(1);
  });
});
