import { estimateExpected, type ScoredText } from "@tokenmark/detector";
import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { standardNormal } from "./standard-normal.ts";

const facts = { model: "toy", temperature: 1, topP: 1, topK: 0 };

test("estimateExpected gives ΣS/ΣT and the variance a token between texts; texts without a counted token are left out", () => {
  const texts = [
    { sum: 12, n: 10 },
    { sum: 0, n: 0 },
    { sum: 18, n: 10 },
    { sum: 30, n: 20 },
  ];
  // Mean 60/40; deviations −3, 3 and 0; (9 + 9 + 0)/(40 − 600/40).
  const { variance, ...rest } = estimateExpected(texts, facts);
  expect(rest).toEqual({ ...facts, meanScore: 1.5, n: 40, texts: 3 });
  expect(variance).toBeCloseTo(18 / 25, 12);
});

test("texts that differ from one another make the variance larger than independent tokens would", () => {
  const even = Array.from({ length: 100 }, (_, i) => ({ sum: 150 + (i % 2 === 0 ? 1 : -1) * 10, n: 100 }));
  const uneven = Array.from({ length: 100 }, (_, i) => ({ sum: 150 + (i % 2 === 0 ? 1 : -1) * 40, n: 100 }));
  const spread = estimateExpected(uneven, facts).variance / estimateExpected(even, facts).variance;
  expect(spread).toBeCloseTo(16, 9);
});

test("texts of equal length give the sample variance", () => {
  const texts = [3, 7, 8].map((sum) => ({ sum, n: 10 }));
  // Mean 6; deviations −3, 1 and 2.
  expect(estimateExpected(texts, facts).variance).toBeCloseTo(14 / 2 / 10, 12);
});

const CALIBRATIONS = 20_000;
test.each([[[1000, 10]], [[400, 50, 50, 50]], [[100, 100, 100]]])(
  `the variance of texts of lengths %j is unbiased: ${CALIBRATIONS} calibrations average it to 5 standard errors`,
  (lengths) => {
    const random = seedrandom(`unbiased/${lengths.join()}`);
    const variance = 2;
    const found = Array.from({ length: CALIBRATIONS }, () => {
      const texts = lengths.map(
        (n): ScoredText => ({ sum: 3 * n + Math.sqrt(variance * n) * standardNormal(random), n }),
      );
      return estimateExpected(texts, facts).variance;
    });
    const mean = found.reduce((sum, value) => sum + value, 0) / CALIBRATIONS;
    const spread = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / CALIBRATIONS);
    expect(Math.abs(mean - variance)).toBeLessThan((5 * spread) / Math.sqrt(CALIBRATIONS));
  },
);
