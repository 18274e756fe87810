import { describe, expect, test } from "vitest";
import { learningRateAt } from "../src/training/learning-rate.ts";
import { planWindows } from "../src/training/windows.ts";

test("the learning rate rises to its peak, falls to its final fraction and never goes below", () => {
  const schedule = { peak: 1, warmup: 10, finalFraction: 0.1 };
  const rates = Array.from({ length: 100 }, (_, step) => learningRateAt(step, 100, schedule));
  expect(rates[0]).toBeCloseTo(0.1);
  expect(rates[9]).toBe(1);
  expect(Math.max(...rates)).toBe(1);
  expect(rates.at(-1)!).toBeCloseTo(0.1, 2);
  expect(rates.slice(10).every((rate, i) => i === 0 || rate <= rates[9 + i]!)).toBe(true);
});

describe("shuffled windows", () => {
  const plan = planWindows(1000, 10, 7, "seed", { kind: "shuffled" });
  const epoch = (first: number): number[] => Array.from({ length: 14 }, (_, i) => plan.startsOf(first + i)).flat();

  test("cover an epoch without overlap or overrun", () => {
    const starts = epoch(0).sort((a, b) => a - b);
    expect(starts).toHaveLength(plan.windowsPerEpoch);
    expect(starts.every((start, i) => i === 0 || start - starts[i - 1]! === 10)).toBe(true);
    expect(starts.at(-1)! + 11).toBeLessThanOrEqual(1000);
  });

  test("come in another order in the next epoch, and the same in any call", () => {
    expect(epoch(14)).not.toEqual(epoch(0));
    expect(plan.startsOf(3)).toEqual(plan.startsOf(3));
  });
});

test("sequential windows go round in order", () => {
  const plan = planWindows(41, 10, 3, "seed", { kind: "sequential" });
  expect([...plan.startsOf(0), ...plan.startsOf(1)]).toEqual([0, 10, 20, 30, 0, 10]);
});

test("a listed window that runs past the end is refused", () => {
  expect(() => planWindows(41, 10, 1, "seed", { kind: "starts", starts: [0, 31] })).toThrow(/got 31/);
});
