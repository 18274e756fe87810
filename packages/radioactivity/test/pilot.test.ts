import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { decideVerdict } from "../src/decide-verdict.ts";
import {
  type AuditEvidence,
  type AuditPilot,
  type AuditPlan,
  createAuditPlan,
  parseAuditPlan,
  pilotOf,
  pilotUnits,
  runAudit,
  testTally,
} from "../src/index.ts";
import { base, evidence, predictionsOf, scheme, tests, tokenizerSha256, transcripts } from "./audit-fixture.ts";

describe("a pilot", () => {
  const one = [tests[0]!];
  const planOf = (more: object = {}): AuditPlan =>
    createAuditPlan({
      hypothesis: "h",
      tests: one,
      transcripts,
      tokenizerSha256,
      controls: { wrongKeys: 1000 },
      ...more,
    });
  const withBase = (share: number, more: Partial<AuditEvidence> = {}): AuditEvidence =>
    evidence(predictionsOf(share), { controls: [base()], ...more });
  const pilotReport = runAudit(planOf(), withBase(0.6));
  const pilot = pilotOf(pilotReport, one);

  it("makes silence on enough units no evidence, with what it would have found; never innocence", () => {
    const [result] = runAudit(planOf({ pilots: [pilot] }), withBase(0)).results;
    expect(result!.pilotUnits).toBeGreaterThan(30);
    expect(result!.suspect.tokensScored).toBeGreaterThanOrEqual(result!.pilotUnits!);
    expect(result!.verdict).toBe("no-evidence");
    expect(result!.because).toMatch(
      /would have shown with probability 0\.9 on \d+ unique units.*One that learnt less may not/,
    );
  });

  it("does not make it of silence without a clean model, by wrong keys that test nothing, or of a suspect that shuns the key", () => {
    const plan = planOf({ pilots: [pilot] });
    const silent = runAudit(plan, withBase(0)).results[0]!;
    const wrongKeys = { ...silent.wrongKeys, dispersion: 1, meanZScore: 0, dispersedLog10PValue: null };
    const verdictOf = (change: object) => decideVerdict({ ...silent, wrongKeys, ...change }, 0.5, 1e-6, 1);
    expect(verdictOf({}).because).toMatch(/would have shown/);
    expect(verdictOf({}).verdict).toBe("no-evidence");
    for (const [change, because] of [
      [{ controls: [] }, /no clean model read the same transcripts/],
      [{ wrongKeys: { ...wrongKeys, keys: 999 } }, /999 wrong keys do not test the tail/],
      [{ wrongKeys: { ...wrongKeys, meanZScore: -0.2 } }, /wrong keys do not score at chance \(mean z -0\.20\)/],
      [{ wrongKeys: { ...wrongKeys, dispersedLog10PValue: -0.1 } }, /wrong keys scatter/],
      [{ suspect: { ...silent.suspect, zScore: -3.1 } }, /it shuns what the key prefers \(z -3\.1\)/],
    ] as const) {
      expect(verdictOf(change)).toMatchObject({ verdict: "cannot-tell", because: expect.stringMatching(because) });
    }
  });

  it("of text that was encoded anew counts for any suspect, of own ids for none whose text was encoded anew", () => {
    const plan = planOf({ pilots: [pilot] });
    expect(pilot.scores[0]!.retokenised).toBe(false);
    expect(pilotUnits(plan, one[0]!, scheme)).toBeGreaterThan(30);
    expect(pilotUnits(plan, one[0]!, scheme, true)).toBeNull();
    const anew = { ...pilot, scores: [{ ...pilot.scores[0]!, retokenised: true }] };
    for (const retokenised of [false, true]) {
      expect(pilotUnits(planOf({ pilots: [anew] }), one[0]!, scheme, retokenised)).toBeGreaterThan(30);
    }
  });

  it("of another law says nothing: of a key of another depth", () => {
    const other = { ...pilot, scores: [{ ...pilot.scores[0]!, expectedScore: 15 }] };
    expect(pilotUnits(planOf({ pilots: [other] }), one[0]!, scheme)).toBeNull();
    expect(pilotUnits(planOf({ pilots: [other, { ...pilot, suspect: "another" }] }), one[0]!, scheme)).toBeGreaterThan(
      30,
    );
  });

  it("at a larger level is asked for what a control of the same size takes to be loud, too", () => {
    const unitsAt = (alpha: number) => pilotUnits(planOf({ pilots: [pilot], alpha }), one[0]!, scheme)!;
    // At 1e-6 the level asks for more, at 1e-3 the control does.
    expect(unitsAt(1e-6)).toBeGreaterThan(unitsAt(1e-3));
    expect(unitsAt(1e-3)).toBe(unitsAt(1e-4));
  });

  it("keeps its promise: nine in ten students with its excess are found on so many units (300 audits of a law)", () => {
    const units = runAudit(planOf({ pilots: [pilot] }), evidence(predictionsOf(0))).results[0]!.pilotUnits!;
    const more = runAudit(planOf({ pilots: [{ ...pilot, shareRatio: 0.5 }] }), evidence(predictionsOf(0)));
    expect(more.results[0]!.pilotUnits! / units).toBeGreaterThan(3);
    expect(more.results[0]!.pilotUnits! / units).toBeLessThan(5);
    const law = seedrandom("law");
    let found = 0;
    for (let audit = 0; audit < 300; audit++) {
      let statistic = 0;
      for (let i = 0; i < units; i++) statistic += pilot.scores[0]!.excess - Math.log(1 - law());
      const tally = { tokensScored: units, statistic, positions: units, copied: 0, repeated: 0, clusters: [] };
      found += +(testTally(scheme, tally).pValue <= 1e-6);
    }
    expect(found / 300).toBeGreaterThan(0.84);
    expect(found / 300).toBeLessThan(0.96);
  });

  it("on too few units cannot tell, and says how many it takes; a loud control or no pilot cannot either", () => {
    const weak = runAudit(planOf({ pilots: [{ ...pilot, shareRatio: 0.05 }] }), evidence(predictionsOf(0)));
    expect(weak.results[0]!.verdict).toBe("cannot-tell");
    expect(weak.results[0]!.because).toContain(`on ${weak.results[0]!.pilotUnits}`);
    expect(weak.results[0]!.pilotUnits).toBeGreaterThan(weak.results[0]!.suspect.tokensScored);
    const loud = { role: "clean student" as const, name: "loud", predictions: predictionsOf(0.6) };
    const disturbed = runAudit(planOf({ pilots: [pilot] }), evidence(predictionsOf(0), { controls: [loud] }));
    expect(disturbed.results[0]!.verdict).toBe("cannot-tell");
    expect(runAudit(planOf(), evidence(predictionsOf(0))).results[0]).toMatchObject({
      verdict: "cannot-tell",
      pilotUnits: null,
      because: expect.stringMatching(/no pilot of the plan/),
    });
  });

  it("beside one of another share, is asked for what lies between them: half of the excess at a tenth of the share", () => {
    const [score] = pilot.scores;
    const tenth = {
      ...pilot,
      suspect: "of a tenth",
      shareRatio: 1,
      scores: [{ ...score!, excess: score!.excess / 2 }],
    };
    const unitsOf = (pilots: readonly AuditPilot[]): number =>
      runAudit(planOf({ pilots }), evidence(predictionsOf(0))).results[0]!.pilotUnits!;
    // The suspect has the smaller pilot's share: what that one scored counts, whatever the larger would make of it.
    expect(unitsOf([{ ...pilot, shareRatio: 0.1 }, tenth])).toBe(unitsOf([tenth]));
    expect(unitsOf([{ ...pilot, shareRatio: 0.1 }])).toBeGreaterThan(10 * unitsOf([tenth]));
    expect(() => unitsOf([pilot, { ...pilot, shareRatio: 0.1 }])).toThrow(
      /pilots: wanted each student once, got suspect twice/,
    );
    // Of two of one share the weaker counts.
    expect(unitsOf([pilot, tenth])).toBe(unitsOf([tenth]));
  });

  it("does not keep a trained student from being found", () => {
    const { results } = runAudit(planOf({ pilots: [pilot] }), evidence(predictionsOf(0.6), { controls: [base()] }));
    expect(results[0]!.verdict).toBe("trained-on-marked");
  });

  it("is bound in the plan; a plan without one has the digest that it always had", () => {
    const plan = planOf({ pilots: [pilot] });
    expect(parseAuditPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    const eased = { ...plan, pilots: [{ ...pilot, shareRatio: 2 }] };
    expect(() => parseAuditPlan(eased)).toThrow(/changed afterwards/);
    const plain = planOf({ controls: { wrongKeys: 100 } });
    expect(plain).not.toHaveProperty("pilots");
    expect(plain.digest).toBe("f75bce57445a8fe75fe0ae6c5728e7a6e0b8cf624a153a7f65e82fd21140f70a");
  });

  it("of closed modes wrote at the plan's temperature; in open mode nothing is written", () => {
    const colder = { ...pilot, temperature: 0.5 };
    expect(() => planOf({ pilots: [colder] })).not.toThrow();
    const closed = { ...colder, scores: [{ ...pilot.scores[0]!, mode: "closed" as const }] };
    expect(() => planOf({ pilots: [closed] })).toThrow(
      /pilot: wanted closed modes at the plan's temperature 1, got 0\.5/,
    );
    expect(() => planOf({ pilots: [closed], closed: { temperature: 0.5 } })).not.toThrow();
  });

  it("is made of a report that shows the mark, in a scheme and mode of the plan", () => {
    const refused = /pilot: wanted a report that finds one of the plan's schemes and modes/;
    expect(() => pilotOf(runAudit(planOf(), withBase(0)), one)).toThrow(refused);
    expect(() => pilotOf(pilotReport, [{ ...one[0]!, mode: "closed" }])).toThrow(refused);
    // Nor of one in which something speaks against the finding, or whose answers were asked elsewhere.
    expect(() => pilotOf(runAudit(planOf(), evidence(predictionsOf(0.6))), one)).toThrow(refused);
    const [found] = pilotReport.results;
    expect(() => pilotOf({ ...pilotReport, results: [{ ...found!, collected: true }] }, one)).toThrow(refused);
    expect(() => pilotOf(pilotReport, one, 0)).toThrow(/shareRatio: wanted a number above 0/);
    // Another key's pilot will do: keys do not change what a student learns.
    expect(pilotOf(pilotReport, [{ ...one[0]!, keyId: "0".repeat(16) }])).toEqual(pilot);
    expect(pilot.scores[0]!.excess).toBeCloseTo(
      pilotReport.results[0]!.suspect.meanScore - pilotReport.results[0]!.suspect.expectedScore,
      12,
    );
  });
});
