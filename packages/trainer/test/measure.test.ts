import { expect, test } from "vitest";
import { repetitionRate } from "../src/measure/repetition-rate.ts";
import { rowFigures } from "../src/measure/row-figures.ts";

test("even odds over eight tokens cost three bits and have three bits of entropy", () => {
  const { nats, entropy } = rowFigures(new Float32Array(8).fill(-4), 5);
  expect(nats / Math.LN2).toBeCloseTo(3, 6);
  expect(entropy / Math.LN2).toBeCloseTo(3, 6);
});

test("a certain token costs nothing, large logits do not overflow, masked tokens count for nothing", () => {
  const { nats, entropy } = rowFigures(Float32Array.of(900, -1e9, -1e9), 0);
  expect(nats).toBeCloseTo(0, 6);
  expect(entropy).toBeCloseTo(0, 6);
});

test("the repetition rate is the share of four-token runs seen before", () => {
  expect(repetitionRate([1, 2, 3, 4, 5, 6, 7])).toBe(0);
  expect(repetitionRate([1, 2, 3, 4, 1, 2, 3, 4])).toBeCloseTo(1 / 5);
  expect(repetitionRate([9, 9, 9, 9, 9, 9])).toBeCloseTo(2 / 3);
  expect(repetitionRate([1, 2])).toBe(0);
});
