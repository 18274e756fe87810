import type { Detection } from "@tokenmark/detector";
import { evidenceLevel, explainDetection, formatPValue } from "@tokenmark/detector";
import fc from "fast-check";
import { expect, test } from "vitest";

const detection: Detection = {
  scheme: "gumbel",
  tokensTotal: 200,
  tokensScored: 180,
  tokensRepeated: 16,
  tokensUnscoreable: 4,
  statistic: 250,
  zScore: 5.2,
  pValue: 3.14e-8,
  log10PValue: Math.log10(3.14e-8),
  tail: "exact",
  alpha: 1e-6,
  verdict: "marked",
  power: null,
  powerAssumes: null,
  correctedFor: 1,
};
const silent: Detection = { ...detection, pValue: 0.42, log10PValue: Math.log10(0.42), verdict: "cannot-tell" };
const assumed = { powerAssumes: "unedited text of toy at temperature 1; normal approximation" };

test("a p-value is written with two figures at any depth, never as 0 and never above 1", () => {
  const written = [0, Math.log10(0.5), -2, -2.5, -6, Math.log10(9.96e-7), -100_000, -123.45];
  expect(written.map(formatPValue)).toEqual([
    "1.0",
    "0.50",
    "0.010",
    "3.2e-3",
    "1.0e-6",
    "1.0e-6",
    "1.0e-100000",
    "3.5e-124",
  ]);
  fc.assert(
    fc.property(fc.double({ min: -300, max: 0, noNaN: true }), (log10P) => {
      const value = Number(formatPValue(log10P));
      expect(value > 0 && value <= 1).toBe(true);
      expect(Math.abs(value / 10 ** log10P - 1)).toBeLessThan(0.0501);
    }),
    { seed: 1 },
  );
});

test("each verdict becomes a sentence with p, the tokens, and the limit", () => {
  expect(explainDetection(detection)).toBe(
    "Carries the mark of gumbel under this key: p = 3.1e-8 over 180 scored tokens; limit 1.0e-6. Text written without this key scores so high by chance with a probability of at most the limit. This shows that the text depends on the key, not who wrote it.",
  );
  expect(explainDetection({ ...silent, ...assumed, verdict: "no-evidence", power: 0.9999 })).toBe(
    "No evidence of the mark of gumbel under this key: p = 0.42 over 180 scored tokens; limit 1.0e-6. Marked text of this length would have been found with probability 0.99 or more (assuming unedited text of toy at temperature 1; normal approximation). Editing removes the mark, so this does not show that the text never carried it.",
  );
  expect(explainDetection(silent)).toBe(
    "Cannot tell whether the text carries the mark of gumbel under this key: p = 0.42 over 180 scored tokens; limit 1.0e-6. Nobody has measured, on two texts or more, what marked text of this deployment scores, so the absence of evidence means nothing.",
  );
  expect(explainDetection({ ...silent, ...assumed, power: 0.4 })).toContain(
    "only known to be found with probability 0.40 or more",
  );
  expect(explainDetection({ ...silent, correctedFor: 12 })).toContain("corrected for 12 tests");
});

test("below 1e-9 the sentence claims no more than that, and gives the analytic value beside it", () => {
  expect(explainDetection({ ...detection, log10PValue: -30 })).toContain("p < 1e-9 (analytic value 1.0e-30)");
  expect(explainDetection({ ...detection, log10PValue: -30, tail: "saddlepoint" })).toContain(
    "p < 1e-9 (analytic value 1.0e-30 by saddlepoint approximation)",
  );
});

test("no sentence names an author or a percentage, or calls a text unmarked", () => {
  for (const verdict of ["marked", "no-evidence", "cannot-tell"] as const) {
    for (const power of [null, 0.3, 0.95]) {
      for (const tokensScored of [0, 180]) {
        const sentence = explainDetection({ ...silent, ...assumed, verdict, power, tokensScored });
        expect(sentence).not.toMatch(/\bAI\b|human|machine|confiden|certain|%|percent|unmarked|undefined|NaN/i);
      }
    }
  }
});

test("heat-map levels rise with evidence; tokens that do not count have none", () => {
  const level = (evidence: number | null, counted = true) => evidenceLevel({ evidence, counted });
  expect([0, 0.24, 0.25, 0.5, 1, 2, 9].map((evidence) => level(evidence))).toEqual([0, 0, 1, 2, 3, 4, 4]);
  expect([level(3, false), level(null)]).toEqual([null, null]);
});
