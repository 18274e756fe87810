import { createScheme, type WatermarkScheme } from "@tokenmark/core";
import { clopperPearson } from "@tokenmark/stats";
import { testKey } from "@tokenmark/testkit";
import { describe, expect, it } from "vitest";
import {
  type AuditEvidence,
  checkRankKeys,
  createAuditPlan,
  formatAuditReport,
  openProbe,
  type Predictions,
  parseAuditReport,
  pilotUnits,
  runAudit,
  traceKeys,
} from "../src/index.ts";
import { rankKeysNeeded } from "../src/rank-keys.ts";
import { rankTest } from "../src/rank-test.ts";
import { base, config, evidence, key, predictionsOf, tests, tokenizerSha256, transcripts } from "./audit-fixture.ts";

/** The same mark, its law kept secret. */
const lawless = (scheme: WatermarkScheme): WatermarkScheme => ({
  ...scheme,
  nullLaw: { family: "unknown", why: "for the test" },
});
const schemeUnder = (name: string): WatermarkScheme => lawless(createScheme(config, testKey(name)));
const planOf = (alpha: number, wrongKeys: number, count = 1) =>
  createAuditPlan({
    hypothesis: "h",
    tests: tests.slice(0, count),
    alpha,
    transcripts,
    tokenizerSha256,
    controls: { wrongKeys },
  });
const lawlessEvidence = (predictions: readonly Predictions[], more: Partial<AuditEvidence> = {}): AuditEvidence =>
  evidence(predictions, {
    schemeOf: (test) => lawless(createScheme(test.scheme, key)),
    wrongSchemeOf: (test, i) => lawless(createScheme(test.scheme, testKey(`wrong ${i}`))),
    ...more,
  });

describe("a mark without a known law", () => {
  it("is tested by its rank among wrong keys, and convicts with a clean control that is quiet under the same test", () => {
    const report = runAudit(planOf(1e-3, 1199), lawlessEvidence(predictionsOf(0.6), { controls: [base()] }));
    const [result] = report.results;
    expect(result!.suspect).toMatchObject({ pValue: 1 / 1200, tail: "rank among wrong keys" });
    expect(result!.suspect.zScore).toBeGreaterThan(10);
    expect(result!.suspect.expectedScore).toBeCloseTo(1, 1);
    expect(result!.controls[0]!.pValue).toBeGreaterThan(1e-3);
    expect(result).toMatchObject({
      verdict: "trained-on-marked",
      because: expect.stringMatching(/p is the rank among 1199 wrong keys, since the mark has no known law/),
      needed: null,
      controlUnits: expect.any(Number),
      wrongKeys: { keys: 1199, rankPValue: 1 / 1200 },
    });
    const text = formatAuditReport(report);
    expect(text).toContain("1199 wrong keys: rank p 0.00083, which is the p-value, since the mark has no known law");
    expect(text).toContain("tail rank among wrong keys");
    const again = JSON.parse(JSON.stringify(report)) as typeof report;
    expect(parseAuditReport(again, () => schemeUnder("any"))).toEqual(again);
    const { suspect, wrongKeys } = result!;
    const bend = (pValue: number, log10PValue: number, change: object = {}) =>
      parseAuditReport(
        {
          ...again,
          results: [
            {
              ...result!,
              suspect: { ...suspect, pValue, log10PValue },
              wrongKeys: { ...wrongKeys, rankPValue: pValue },
              ...change,
            },
          ],
        },
        () => schemeUnder("any"),
      );
    expect(() => bend(1e-9, -200)).toThrow(/wrongKeys\.rankPValue: wanted a rank among 1199 keys/);
    expect(() => bend(2 / 1200, -200)).toThrow(/wanted figures that follow/);
    expect(() => bend(1 / 1200, Math.log10(1 / 1200), { controlUnits: 30 })).toThrow(/wanted figures that follow/);
    const half = { ...result!.controls[0]!, pValue: 0.00051, log10PValue: Math.log10(0.00051) };
    expect(() => bend(1 / 1200, Math.log10(1 / 1200), { controls: [half] })).toThrow(/wanted figures that follow/);
  });

  it("does not convict a clean student, nor with a control that is loud by the same test", () => {
    const quiet = runAudit(planOf(1e-3, 999), lawlessEvidence(predictionsOf(0), { controls: [base()] }));
    expect(quiet.results[0]).toMatchObject({ verdict: "cannot-tell" });
    const loud = { role: "clean student" as const, name: "loud", predictions: predictionsOf(0.6) };
    const disturbed = runAudit(planOf(1e-3, 999), lawlessEvidence(predictionsOf(0.6), { controls: [loud] }));
    expect(disturbed.results[0]!.because).toMatch(/a clean student that should be clean comes out at p 0\.0010/);
    expect(disturbed.results[0]!.verdict).toBe("cannot-tell");
  });

  it("wants of a control the units on which it is loud nine times in ten if it scores as the suspect does (40 controls of so many: 30 at least)", () => {
    // A suspect and controls of one strength, the controls with as many units as are wanted.
    const share = 0.25;
    const [result] = runAudit(planOf(0.01, 99), lawlessEvidence(predictionsOf(share), { controls: [base()] })).results;
    const wanted = result!.controlUnits!;
    expect(wanted).toBeLessThan(result!.suspect.tokensScored);
    const own = lawless(createScheme(config, key));
    const wrong = Array.from({ length: 99 }, (_, k) => schemeUnder(`wrong ${k}`));
    let loud = 0;
    for (let i = 0; i < 40; i++) {
      const rows = Math.ceil((transcripts.length * wanted) / result!.suspect.tokensScored);
      const probe = openProbe(transcripts.slice(0, rows), predictionsOf(share).slice(0, rows), 1);
      loud += +(rankTest(probe, probe.tally(own), (k) => wrong[k]!, 99).test.pValue <= 0.01);
    }
    expect(loud).toBeGreaterThanOrEqual(30);
  });

  it("has p-values that are uniform over clean students and keys (600 audits at .05: within the exact 99.9 % interval)", () => {
    let rejected = 0;
    for (let audit = 0; audit < 600; audit++) {
      const probe = openProbe(transcripts.slice(0, 3), predictionsOf(0).slice(0, 3), 1);
      const { test } = rankTest(
        probe,
        probe.tally(schemeUnder(`true ${audit}`)),
        (i) => schemeUnder(`wrong ${audit} ${i}`),
        39,
      );
      rejected += +(test.pValue <= 0.05);
    }
    const { lower, upper } = clopperPearson(rejected, 600, 0.999);
    expect(lower).toBeLessThan(0.05);
    expect(upper).toBeGreaterThan(0.05);
  });

  it("is refused with fewer wrong keys than a rank could pass the level among, before a key is used", () => {
    const unused = (): never => {
      throw new Error("the key was used");
    };
    const run = (alpha: number, wrongKeys: number, count = 1) =>
      runAudit(planOf(alpha, wrongKeys, count), lawlessEvidence(predictionsOf(0), { schemeOf: unused }));
    expect(() => run(1e-6, 1000)).toThrow(
      /wrongKeys: wanted at least 999999 at level 0\.000001, for gumbel has no known law .* got 1000; plan a larger level \(0\.001 takes 999\)/,
    );
    expect(() => run(1e-3, 998)).toThrow(/wanted at least 999 at level/);
    expect(() => run(1e-3, 999, 2)).toThrow(/wanted at least 1999 at level/);
    expect(() => run(1e-3, 999)).toThrow("the key was used");
    // One that has a law needs no such number.
    expect(() => checkRankKeys(planOf(1e-6, 20), (test) => createScheme(test.scheme, key))).not.toThrow();
  });

  it("counts as the correction multiplies, and takes more wrong keys than a call has arguments", () => {
    for (const alpha of [0.05, 0.03, 0.01, 1e-3]) {
      for (let count = 1; count <= 12; count++) {
        const keys = rankKeysNeeded(alpha, count);
        expect(count * (1 / (1 + keys))).toBeLessThanOrEqual(alpha);
        expect(count / keys).toBeGreaterThan(alpha * (1 - 1e-9));
      }
    }
    const probe = openProbe([{ prompt: [1], tokens: [2, 3] }], [Int32Array.from([5, 6])], 1);
    const two = [schemeUnder("one"), schemeUnder("two")] as const;
    const { wrongKeys } = rankTest(probe, probe.tally(schemeUnder("true")), (i) => two[i % 2]!, 150_000);
    expect(wrongKeys.keys).toBe(150_000);
    expect(Number.isFinite(wrongKeys.largestZScore)).toBe(true);
  });

  it("has no power to plan, and no trace", () => {
    expect(pilotUnits(planOf(1e-3, 999), tests[0]!, schemeUnder("any"))).toBeNull();
    const probe = openProbe(transcripts, predictionsOf(0), 1);
    expect(() => traceKeys([{ id: "a", scheme: schemeUnder("a"), probe }], 0.01)).toThrow(/has no known law/);
  });
});
