import { createScheme, type SchemeConfig } from "@tokenmark/core";
import { testKey } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import {
  type AuditEvidence,
  type AuditPlan,
  createAuditPlan,
  formatAuditReport,
  type PlannedTest,
  type Predictions,
  parseAuditPlan,
  parseAuditReport,
  pilotOf,
  runAudit,
  type Transcript,
  testTally,
} from "../src/index.ts";

const config: SchemeConfig = { scheme: "gumbel", contextWidth: 1 };
const key = testKey("the deployer's");
const scheme = createScheme(config, key);
const random = seedrandom("audit");
const transcripts: Transcript[] = Array.from({ length: 20 }, () => ({
  prompt: [1, 2, 3],
  tokens: Array.from({ length: 60 }, () => Math.floor(200 * random())),
}));

/** Predictions that follow the key with a probability. */
function predictionsOf(share: number): Predictions[] {
  return transcripts.map(({ prompt, tokens }) => {
    const all = [...Array.from(prompt), ...Array.from(tokens)];
    return Int32Array.from(tokens, (_, i) => {
      const drawn = Array.from({ length: 3 }, () => Math.floor(200 * random()));
      if (random() >= share) return drawn[0]!;
      const context = [all[prompt.length + i - 1]!];
      return drawn.reduce((best, token) => (scheme.score(context, token) > scheme.score(context, best) ? token : best));
    });
  });
}

const tests: PlannedTest[] = [
  { scheme: config, keyId: key.id, mode: "open" },
  { scheme: { scheme: "gumbel", contextWidth: 2 }, keyId: key.id, mode: "open" },
];
const tokenizerSha256 = "a".repeat(64);
const plan = createAuditPlan({
  hypothesis: "the suspect was trained on our answers",
  tests,
  transcripts,
  tokenizerSha256,
  controls: { wrongKeys: 100 },
});
const evidence = (predictions: readonly Predictions[], more: Partial<AuditEvidence> = {}): AuditEvidence => ({
  transcripts,
  tokenizerSha256,
  suspect: { name: "suspect", predictions },
  schemeOf: (test) => createScheme(test.scheme, key),
  wrongSchemeOf: (test, i) => createScheme(test.scheme, testKey(`wrong ${i}`)),
  ...more,
});

describe("the plan", () => {
  it("is bound to its contents: a changed plan is refused, an unchanged one is read whatever the order of its fields", () => {
    const copy = JSON.parse(JSON.stringify(plan)) as Record<string, unknown>;
    expect(parseAuditPlan(copy)).toEqual(plan);
    expect(parseAuditPlan(Object.fromEntries(Object.entries(copy).reverse()))).toEqual(plan);
    for (const change of [
      { alpha: 0.01 },
      { hypothesis: "another" },
      { tests: [tests[0]] },
      { digest: "0".repeat(64) },
    ]) {
      expect(() => parseAuditPlan({ ...copy, ...change })).toThrow(/changed afterwards/);
    }
    expect(() => parseAuditPlan({ format: "else" })).toThrow(/wanted a plan/);
    expect(() => parseAuditPlan(null)).toThrow(/wanted a plan/);
  });

  it("holds no secret", () => {
    expect(JSON.stringify(plan)).not.toContain(key.exportHex());
    expect(JSON.stringify(runAudit(plan, evidence(predictionsOf(0.5))))).not.toContain(key.exportHex());
  });

  it("refuses what is no plan", () => {
    const make = (more: object) => () =>
      createAuditPlan({ hypothesis: "h", tests, transcripts, tokenizerSha256, ...more });
    expect(make({ hypothesis: " " })).toThrow(/hypothesis: wanted a sentence/);
    expect(make({ alpha: 1 })).toThrow(/alpha: wanted/);
    expect(make({ tests: [] })).toThrow(/tests: wanted at least one/);
    expect(make({ tests: [tests[0], tests[0]] })).toThrow(/wanted each once/);
    expect(make({ tests: [{ ...tests[0]!, mode: "guess" }] })).toThrow(/mode: wanted one of open, closed/);
    expect(make({ tests: [{ ...tests[0]!, keyId: "secret" }] })).toThrow(/keyId: wanted 16 hex digits/);
    expect(make({ transcripts: [] })).toThrow(/wanted at least one transcript/);
  });
});

describe("the audit", () => {
  it("finds a student that learnt from marked text, and names the scheme that shows it", () => {
    const report = runAudit(plan, evidence(predictionsOf(0.6)));
    expect(report.results.map(({ verdict }) => verdict)).toEqual(["trained-on-marked", "cannot-tell"]);
    expect(report.results[0]!.correctedLog10PValue).toBeCloseTo(
      report.results[0]!.suspect.log10PValue + Math.log10(2),
      6,
    );
    const text = formatAuditReport(report);
    expect(text).toContain("TRAINED-ON-MARKED");
    expect(text).toContain("100 wrong keys");
    expect(text).toContain("The key leaked");
  });

  it("does not accuse a clean one, and says how much more it would take", () => {
    const { results } = runAudit(plan, evidence(predictionsOf(0)));
    for (const { verdict, correctedPValue } of results) {
      expect(verdict).toBe("cannot-tell");
      expect(correctedPValue).toBeGreaterThan(1e-3);
    }
    const weak = runAudit(plan, evidence(predictionsOf(0.06)));
    expect(weak.results[0]!.needed!.tokensScored).toBeGreaterThan(weak.results[0]!.suspect.tokensScored);
  });

  it("a clean control that comes out as loud as the suspect silences the verdict", () => {
    const report = runAudit(
      plan,
      evidence(predictionsOf(0.6), {
        controls: [
          { role: "base model", name: "base", predictions: predictionsOf(0) },
          { role: "clean student", name: "clean 1", predictions: predictionsOf(0.6) },
        ],
      }),
    );
    expect(report.results[0]!.controls.map(({ role }) => role)).toEqual(["base model", "clean student"]);
    expect(report.results[0]).toMatchObject({ verdict: "cannot-tell" });
    expect(report.results[0]!.because).toMatch(/clean student that should be clean comes out at p/);
  });

  it("cannot tell from a handful of units, and says how many it wants", () => {
    const few = transcripts
      .slice(0, 1)
      .map(({ prompt, tokens }) => ({ prompt, tokens: Array.from(tokens).slice(0, 20) }));
    const short = createAuditPlan({
      hypothesis: "h",
      tests: [tests[0]!],
      transcripts: few,
      tokenizerSha256,
      controls: { wrongKeys: 20 },
    });
    const report = runAudit(short, evidence([Int32Array.from({ length: 20 }, (_, i) => i)], { transcripts: few }));
    expect(report.results[0]!.verdict).toBe("cannot-tell");
    expect(report.results[0]!.because).toMatch(/only \d+ unique units overlap the probe; at least 30/);
  });

  it("refuses other transcripts, another tokenizer, a changed plan and missing evidence", () => {
    const predictions = predictionsOf(0);
    const others = [...transcripts.slice(1), transcripts[0]!];
    expect(() => runAudit(plan, evidence(predictions, { transcripts: others }))).toThrow(/wanted those of the plan/);
    expect(() => runAudit(plan, evidence(predictions, { tokenizerSha256: "b".repeat(64) }))).toThrow(
      expect.objectContaining({ code: "tokenizer-mismatch" }),
    );
    expect(() => runAudit({ ...plan, alpha: 0.05 } as AuditPlan, evidence(predictions))).toThrow(/changed afterwards/);
    expect(() => runAudit(plan, evidence(predictions, { suspect: { name: "s" } }))).toThrow(
      /wanted its predictions .* for the plan's open mode, got none/,
    );
  });

  it("closed mode works on what the student wrote", () => {
    const closed = createAuditPlan({
      hypothesis: "h",
      tests: [
        { scheme: config, keyId: key.id, mode: "closed" },
        { scheme: config, keyId: key.id, mode: "closed-unfiltered" },
      ],
      transcripts,
      tokenizerSha256,
      controls: { wrongKeys: 50 },
    });
    const answers = transcripts.map(({ prompt }, row) => ({ prompt, tokens: Array.from(predictionsOf(0.8)[row]!) }));
    const { results } = runAudit(closed, evidence([], { suspect: { name: "s", answers } }));
    expect(results[0]!.suspect.tokensScored).toBeLessThanOrEqual(results[1]!.suspect.tokensScored);
    expect(results.map(({ mode }) => mode)).toEqual(["closed", "closed-unfiltered"]);
  });
});

describe("the plan's controls", () => {
  const planOf = (controls: Partial<AuditPlan["controls"]>, mode: PlannedTest["mode"] = "open"): AuditPlan =>
    createAuditPlan({
      hypothesis: "h",
      tests: [{ ...tests[0]!, mode }],
      transcripts,
      tokenizerSha256,
      controls: { wrongKeys: 20, ...controls },
    });
  const clean = (name: string) => ({ role: "clean student" as const, name, predictions: predictionsOf(0) });
  const base = { role: "base model" as const, name: "base", predictions: predictionsOf(0) };
  const unused = () => {
    throw new Error("the key was used");
  };

  it("are wanted before the key is used: too few clean students, or no base model, are refused", () => {
    const run = (plan: AuditPlan, controls: NonNullable<AuditEvidence["controls"]>) => () =>
      runAudit(plan, evidence(predictionsOf(0), { controls, schemeOf: unused, wrongSchemeOf: unused }));
    const two = planOf({ cleanStudents: ["A", "B"] });
    expect(run(two, [clean("A"), base])).toThrow(/wanted the plan's 2 clean students \(A, B\) for open mode, got 1/);
    expect(run(two, [clean("A"), clean("B")])).toThrow("the key was used");
    const based = planOf({ baseModel: "B" });
    expect(run(based, [clean("A")])).toThrow(/wanted the plan's base model \(B\) for open mode, got none/);
    expect(run(based, [base])).toThrow("the key was used");
  });

  it("do not count where they have nothing to show for the mode", () => {
    const answers = transcripts.map(({ prompt }, row) => ({ prompt, tokens: Array.from(predictionsOf(0)[row]!) }));
    const controls = [clean("A")];
    const run = () =>
      runAudit(
        planOf({ cleanStudents: ["A"] }, "closed"),
        evidence([], { suspect: { name: "s", answers }, controls, schemeOf: unused }),
      );
    expect(run).toThrow(/wanted the plan's 1 clean students \(A\) for closed mode, got 0/);
  });

  it("may be more than were planned, and the report says so", () => {
    const report = runAudit(planOf({ cleanStudents: ["A"] }), {
      ...evidence(predictionsOf(0.6)),
      controls: [clean("A"), clean("more"), base],
    });
    expect(report.results[0]!.verdict).toBe("trained-on-marked");
    expect(formatAuditReport(report)).toContain("2 clean students (planned: A), 1 base models (none planned)");
  });

  it("that hardly read anything control nothing", () => {
    const mute = {
      ...clean("mute"),
      predictions: transcripts.map(({ tokens }) => new Int32Array(tokens.length).fill(-1)),
    };
    const { results } = runAudit(
      planOf({ cleanStudents: ["mute"] }),
      evidence(predictionsOf(0.6), { controls: [mute] }),
    );
    expect(results[0]).toMatchObject({ verdict: "cannot-tell", because: expect.stringMatching(/mute\) has only 0/) });
  });
});

describe("a pilot", () => {
  const one = [tests[0]!];
  const planOf = (more: object = {}): AuditPlan =>
    createAuditPlan({
      hypothesis: "h",
      tests: one,
      transcripts,
      tokenizerSha256,
      controls: { wrongKeys: 100 },
      ...more,
    });
  const pilotReport = runAudit(planOf(), evidence(predictionsOf(0.6)));
  const pilot = pilotOf(pilotReport, one);

  it("makes silence on enough units no evidence, with what it would have found; never innocence", () => {
    const [result] = runAudit(planOf({ pilot }), evidence(predictionsOf(0))).results;
    expect(result!.pilotUnits).toBeGreaterThan(30);
    expect(result!.suspect.tokensScored).toBeGreaterThanOrEqual(result!.pilotUnits!);
    expect(result!.verdict).toBe("no-evidence");
    expect(result!.because).toMatch(/would have shown with probability 0\.9 on \d+ unique units/);
  });

  it("keeps its promise: nine in ten students with its excess are found on so many units (300 audits of a law)", () => {
    const units = runAudit(planOf({ pilot }), evidence(predictionsOf(0))).results[0]!.pilotUnits!;
    const more = runAudit(planOf({ pilot: { ...pilot, shareRatio: 0.5 } }), evidence(predictionsOf(0)));
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
    const weak = runAudit(planOf({ pilot: { ...pilot, shareRatio: 0.05 } }), evidence(predictionsOf(0)));
    expect(weak.results[0]!.verdict).toBe("cannot-tell");
    expect(weak.results[0]!.because).toContain(`on ${weak.results[0]!.pilotUnits}`);
    expect(weak.results[0]!.pilotUnits).toBeGreaterThan(weak.results[0]!.suspect.tokensScored);
    const loud = { role: "clean student" as const, name: "loud", predictions: predictionsOf(0.6) };
    const disturbed = runAudit(planOf({ pilot }), evidence(predictionsOf(0), { controls: [loud] }));
    expect(disturbed.results[0]!.verdict).toBe("cannot-tell");
    expect(runAudit(planOf(), evidence(predictionsOf(0))).results[0]).toMatchObject({
      verdict: "cannot-tell",
      pilotUnits: null,
      because: expect.stringMatching(/no pilot of the plan/),
    });
  });

  it("does not keep a trained student from being found", () => {
    expect(runAudit(planOf({ pilot }), evidence(predictionsOf(0.6))).results[0]!.verdict).toBe("trained-on-marked");
  });

  it("is bound in the plan; a plan without one has the digest that it always had", () => {
    const plan = planOf({ pilot });
    expect(parseAuditPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    const eased = { ...plan, pilot: { ...pilot, shareRatio: 2 } };
    expect(() => parseAuditPlan(eased)).toThrow(/changed afterwards/);
    expect(planOf()).not.toHaveProperty("pilot");
    expect(planOf().digest).toBe("f75bce57445a8fe75fe0ae6c5728e7a6e0b8cf624a153a7f65e82fd21140f70a");
  });

  it("is made of a report that shows the mark, in a scheme and mode of the plan", () => {
    const clean = runAudit(planOf(), evidence(predictionsOf(0)));
    expect(() => pilotOf(clean, one)).toThrow(/pilot: wanted a report in which one of the plan's/);
    expect(() => pilotOf(pilotReport, [{ ...one[0]!, mode: "closed" }])).toThrow(/pilot: wanted a report/);
    expect(() => pilotOf(pilotReport, one, 0)).toThrow(/shareRatio: wanted a number above 0/);
    // Another key's pilot will do: keys do not change what a student learns.
    expect(pilotOf(pilotReport, [{ ...one[0]!, keyId: "0".repeat(16) }])).toEqual(pilot);
    expect(pilot.scores[0]!.excess).toBeCloseTo(
      pilotReport.results[0]!.suspect.meanScore - pilotReport.results[0]!.suspect.expectedScore,
      12,
    );
  });
});

describe("a report", () => {
  it("is read as it was written, and refused where it does not fit its plan", () => {
    const report = JSON.parse(JSON.stringify(runAudit(plan, evidence(predictionsOf(0)))));
    expect(formatAuditReport(parseAuditReport(report))).toContain("Audit of suspect");
    expect(() => parseAuditReport({ ...report, planDigest: "0" })).toThrow(/wanted the plan that it was made with/);
    expect(() => parseAuditReport({ ...report, results: [] })).toThrow(/wanted a result of each of the plan's 2 tests/);
    expect(() => parseAuditReport({ ...report, plan: { ...report.plan, alpha: 0.5 } })).toThrow(/changed afterwards/);
    for (const other of [null, 7, { format: "else" }]) expect(() => parseAuditReport(other)).toThrow(/wanted a report/);
  });
});

describe("closed mode", () => {
  const closed = createAuditPlan({
    hypothesis: "h",
    tests: [{ ...tests[0]!, mode: "closed" }],
    transcripts,
    tokenizerSha256,
    controls: { wrongKeys: 20 },
  });

  it("refuses answers that overlap nothing of the transcripts", () => {
    const answers = [{ prompt: [900], tokens: Array.from({ length: 50 }, (_, i) => 1000 + i) }];
    expect(() => runAudit(closed, evidence([], { suspect: { name: "s", answers } }))).toThrow(
      /wanted units that overlap the probe, got none in any test/,
    );
  });

  it("says of re-tokenised text that it is", () => {
    const answers = transcripts.map(({ prompt }, row) => ({ prompt, tokens: Array.from(predictionsOf(0.8)[row]!) }));
    const report = runAudit(closed, evidence([], { suspect: { name: "s", answers, retokenised: true } }));
    expect(report.results[0]!.retokenised).toBe(true);
    expect(formatAuditReport(report)).toContain("re-tokenised: its text was encoded with the mark's tokenizer");
    const own = runAudit(closed, evidence([], { suspect: { name: "s", answers } }));
    expect(formatAuditReport(own)).not.toContain("re-tokenised");
  });
});
