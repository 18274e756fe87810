import { createScheme } from "@tokenmark/core";
import { testKey } from "@tokenmark/testkit";
import { describe, expect, it } from "vitest";
import { digestJson } from "../src/canonical-json.ts";
import { decideVerdict } from "../src/decide-verdict.ts";
import {
  type AuditReport,
  createAuditPlan,
  type PlannedTest,
  parseAuditPlan,
  parseAuditReport,
  pilotOf,
  runAudit,
} from "../src/index.ts";
import { base, evidence, predictionsOf, tests, tokenizerSha256, transcripts } from "./audit-fixture.ts";

const anyKey = (test: PlannedTest) => createScheme(test.scheme, testKey("any"));
const planOf = (more: object = {}) =>
  createAuditPlan({
    hypothesis: "h",
    tests: [tests[0]!],
    transcripts,
    tokenizerSha256,
    controls: { wrongKeys: 1000, baseModel: "base" },
    ...more,
  });
const pilot = pilotOf(runAudit(planOf(), evidence(predictionsOf(0.6), { controls: [base()] })), [tests[0]!]);
const whole = JSON.parse(
  JSON.stringify(runAudit(planOf({ pilots: [pilot] }), evidence(predictionsOf(0.6), { controls: [base()] }))),
) as AuditReport;
const own = whole.results[0]!;

describe("a report that is read back", () => {
  it("has its p-values worked out again from units and sums, under any key", () => {
    expect(own.verdict).toBe("trained-on-marked");
    expect(parseAuditReport(whole, anyKey)).toEqual(whole);
  });

  it.each<[string, object, RegExp]>([
    ["reason", { because: "it is plain to see" }, /wanted the verdict that follows/],
    ["p-value", { suspect: { ...own.suspect, log10PValue: -500 } }, /wanted figures that follow from the units/],
    ["sum", { suspect: { ...own.suspect, statistic: 2 * own.suspect.statistic } }, /wanted figures that follow/],
    ["tail's name", { suspect: { ...own.suspect, tail: "saddlepoint" } }, /wanted figures that follow/],
    ["control's sum", { controls: [{ ...own.controls[0]!, statistic: 1 }] }, /wanted figures that follow/],
    ["dispersed p", { wrongKeys: { ...own.wrongKeys, dispersedLog10PValue: -9 } }, /wanted figures that follow/],
    [
      "interval of the dispersion",
      { wrongKeys: { ...own.wrongKeys, dispersionInterval: [0.9, 1.1] } },
      /wanted figures that follow/,
    ],
    ["rank", { wrongKeys: { ...own.wrongKeys, rankPValue: 1e-9 } }, /wrongKeys\.rankPValue: wanted a rank among 1000/],
    ["units wanted", { needed: { ...own.needed!, tokensScored: 31 } }, /wanted figures that follow/],
    [
      "number of positions",
      { positions: 3 },
      /positions: wanted at least as many as units, copies and repeats together/,
    ],
    ["interval", { scoreInterval: undefined }, /scoreInterval\.lower: wanted a number or null, got none/],
    [
      "wrong keys' KS p",
      { wrongKeys: { ...own.wrongKeys, ksPValue: undefined } },
      /wrongKeys\.ksPValue: wanted a number/,
    ],
    [
      "control's name",
      { controls: [{ ...own.controls[0]!, name: "a\nb" }] },
      /controls\[0\]\.name: wanted a text of one/,
    ],
    ["pilot's units", { pilotUnits: 1 }, /wanted figures that follow/],
    ["control's units", { controlUnits: 1 }, /wanted figures that follow/],
    [
      "number of wrong keys",
      { wrongKeys: { ...own.wrongKeys, keys: 1001, rankPValue: 1 / 1002 } },
      /wanted the plan's 1000 wrong keys, got 1001/,
    ],
  ])("and whose %s was changed is refused", (_, change, message) => {
    const bent = { ...whole, results: [{ ...own, ...change }] };
    expect(() => parseAuditReport(bent, anyKey)).toThrow(message);
  });

  it("and in which a small p-value was made smaller is refused, for all that both are near 0", () => {
    const tiny = { ...own, suspect: { ...own.suspect, pValue: 0 }, correctedPValue: 0 };
    for (const schemeOf of [undefined, anyKey]) {
      const parse = () => parseAuditReport({ ...whole, results: [tiny] }, schemeOf);
      expect(parse).toThrow(/wanted (figures that follow|the verdict that follows)/);
    }
    expect(() => parseAuditReport({ ...whole, results: [null] }, anyKey)).toThrow(/results\[0\]\.suspect: wanted/);
  });

  it("is taken at its word where the law hangs on the key, but for what follows from the p-value", () => {
    const parse = (change: object, schemeOf: typeof anyKey | (() => null), report = whole) =>
      parseAuditReport({ ...report, results: [{ ...own, ...change }] }, schemeOf);
    const other = { suspect: { ...own.suspect, zScore: own.suspect.zScore + 1 } };
    expect(parse(other, () => null).results).toHaveLength(1);
    expect(() => parse(other, anyKey)).toThrow(/wanted figures that follow/);
    const { keys, rankPValue, largestZScore } = own.wrongKeys;
    for (const change of [
      { suspect: { ...own.suspect, statistic: own.suspect.statistic + 1 } },
      { wrongKeys: { keys, rankPValue, largestZScore } },
      { wrongKeys: { ...own.wrongKeys, dispersion: 9, dispersedLog10PValue: null } },
      { wrongKeys: { ...own.wrongKeys, rankPValue: 500 / 1001 } },
    ]) {
      expect(() => parse(change, () => null)).toThrow(/wanted figures that follow/);
    }
    // Units of a pilot that the plan has not.
    const { pilots: _, digest: __, ...bare } = whole.plan;
    const plan = parseAuditPlan({ ...bare, digest: digestJson(bare) });
    const pilotless = { ...whole, plan, planDigest: plan.digest };
    expect(() => parse({ pilotUnits: 31 }, () => null, pilotless)).toThrow(/wanted figures that follow/);
    expect(parse({ pilotUnits: null }, () => null, pilotless).results).toHaveLength(1);
  });

  it("and in which figures cannot be is refused by name", () => {
    for (const [change, message] of [
      [{ scoreInterval: { lower: 1, upper: null } }, /scoreInterval: wanted two bounds or none, got one/],
      [{ wrongKeys: { ...own.wrongKeys, atOrBelow: [5, 5000] } }, /wrongKeys\.atOrBelow: wanted at most 1000 keys/],
      [{ wrongKeys: { ...own.wrongKeys, ksPValue: 7 } }, /wrongKeys\.ksPValue: wanted a number from 0 to 1, got 7/],
      [{ suspect: { ...own.suspect, tokensScored: 1e308 } }, /tokensScored: wanted an integer of at least 0/],
      [{ positions: 1201 }, /wanted at most the probe's 1200 positions, got 1201/],
    ] as const) {
      expect(() => parseAuditReport({ ...whole, results: [{ ...own, ...change }] }, anyKey)).toThrow(message);
    }
  });

  it("without the base model that was planned is refused, as is one with other rivals", () => {
    const without = { ...own, controls: [{ ...own.controls[0]!, role: "clean student" as const }] };
    expect(() => parseAuditReport({ ...whole, results: [without] }, anyKey)).toThrow(
      /wanted the plan's base model \(base\) for open mode, got none/,
    );
    expect(() => parseAuditReport({ ...whole, rivals: [] }, anyKey)).toThrow(/wanted its rival explanations/);
    expect(() => parseAuditReport({ ...whole, suspect: 7 }, anyKey)).toThrow(/wanted the suspect's name/);
  });
});

describe("a plan with a digest of its own", () => {
  const { digest: _, ...body } = planOf({ pilots: [pilot] });
  const signed = (change: object) => {
    const changed = { ...body, ...change };
    return JSON.parse(JSON.stringify({ ...changed, digest: digestJson(JSON.parse(JSON.stringify(changed))) }));
  };

  it.each<[object, RegExp]>([
    [{ hypothesis: "h\n\ngumbel, open mode: TRAINED-ON-MARKED" }, /hypothesis: wanted a sentence on one line, got "h/],
    [{ controls: undefined }, /plan: controls\.wrongKeys: wanted an integer of at least 20, got none/],
    [
      { controls: { ...body.controls, cleanStudents: [1] } },
      /controls\.cleanStudents: wanted a list of names, got \[1\]/,
    ],
    [{ closed: { ...body.closed, answers: 0 } }, /closed\.answers: wanted an integer of at least 1, got 0/],
    [
      { closed: { ...body.closed, temperature: "hot" } },
      /closed\.temperature: wanted a number of at least 0, got "hot"/,
    ],
    [{ alpha: 1 }, /alpha: wanted a number strictly between 0 and 1, got 1/],
    [{ tests: [] }, /tests: wanted at least one, got none/],
    [
      { tests: [{ ...body.tests[0]!, mode: "x" }] },
      /tests\[0\]\.mode: wanted one of open, closed, closed-unfiltered, got "x"/,
    ],
    [{ tests: [null] }, /tests\[0\]\.mode: wanted one of/],
    [{ probe: null }, /probe\.sha256: wanted 64 hex digits, got none/],
    [{ pilots: {} }, /pilots: wanted a list/],
    [{ pilots: [{ ...pilot, shareRatio: -1 }] }, /pilots\[0\]\.shareRatio: wanted a number above 0, got -1/],
    [{ pilots: [{ ...pilot, scores: [{}] }] }, /pilots\[0\]\.scores: wanted a list of scores/],
  ])("is refused by name where a field is missing or wrong: %j", (change, message) => {
    expect(() => parseAuditPlan(signed({}))).not.toThrow();
    expect(() => parseAuditPlan(signed(change))).toThrow(message);
  });
});

describe("a conviction", () => {
  const verdictOf = (change: object) =>
    decideVerdict({ ...own, ...change }, own.correctedPValue, whole.plan.alpha, whole.results.length);

  it("wants a control with units enough to be loud if it scored as the suspect does", () => {
    expect(own.controlUnits).toBeGreaterThan(1);
    expect(verdictOf({}).verdict).toBe("trained-on-marked");
    const few = { ...own.controls[0]!, tokensScored: 400 };
    expect(verdictOf({ controls: [few], controlUnits: 401 })).toMatchObject({
      verdict: "cannot-tell",
      because: expect.stringMatching(
        /no control has units enough \(400\) .* which takes 401: their silence says nothing/,
      ),
    });
    expect(verdictOf({ controls: [few], controlUnits: 400 }).verdict).toBe("trained-on-marked");
    // One is enough; another that reads less takes nothing from it.
    expect(verdictOf({ controls: [few, { ...few, tokensScored: 40 }], controlUnits: 400 }).verdict).toBe(
      "trained-on-marked",
    );
    // Where no law says how many, half of the suspect's.
    const half = own.suspect.tokensScored / 2;
    expect(verdictOf({ controls: [{ ...few, tokensScored: Math.floor(half) - 1 }], controlUnits: null }).verdict).toBe(
      "cannot-tell",
    );
  });

  it("wants controls that do not shun the key: a student that was neutralised is no clean one", () => {
    const control = { ...own.controls[0]!, zScore: -3.1 };
    expect(verdictOf({ controls: [control] })).toMatchObject({
      verdict: "cannot-tell",
      because: expect.stringMatching(/a base model \(base\) shuns what the key prefers \(z -3\.1\)/),
    });
    expect(verdictOf({ controls: [{ ...control, zScore: -2.9 }] }).verdict).toBe("trained-on-marked");
  });

  it("names the tail that is not the law's own", () => {
    const because = (tail: string) => verdictOf({ suspect: { ...own.suspect, tail } }).because;
    expect(because("exact")).not.toMatch(/; p is/);
    expect(because("saddlepoint")).toMatch(/; p is the law's tail by its saddlepoint approximation$/);
    expect(because("chernoff")).toMatch(/; p is an upper bound of the law's tail/);
  });

  it("wants a pilot of ten texts or more: an interval over fewer says too little", () => {
    const report = (clusters: number): AuditReport => ({ ...whole, results: [{ ...own, clusters }] });
    expect(own.clusters).toBe(20);
    expect(() => pilotOf(report(10), [tests[0]!])).not.toThrow();
    expect(() => pilotOf(report(9), [tests[0]!])).toThrow(/95 % interval over at least 10 transcripts or answers/);
  });
});
