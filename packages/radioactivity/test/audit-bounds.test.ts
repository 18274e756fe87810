import { describe, expect, it } from "vitest";
import { decideVerdict } from "../src/decide-verdict.ts";
import {
  type AuditEvidence,
  type AuditPlan,
  createAuditPlan,
  formatAuditReport,
  type PlannedTest,
  parseAuditReport,
  runAudit,
} from "../src/index.ts";
import { base, evidence, predictionsOf, tests, tokenizerSha256, transcripts } from "./audit-fixture.ts";

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
  const unused = () => {
    throw new Error("the key was used");
  };

  it("are wanted before the key is used: too few clean students, or no base model, are refused", () => {
    const run = (plan: AuditPlan, controls: NonNullable<AuditEvidence["controls"]>) => () =>
      runAudit(plan, evidence(predictionsOf(0), { controls, schemeOf: unused, wrongSchemeOf: unused }));
    const two = planOf({ cleanStudents: ["A", "B"] });
    expect(run(two, [clean("A"), base()])).toThrow(
      /wanted as many clean students as the plan names \(2: A, B\) for open mode, got 1/,
    );
    expect(run(two, [clean("A"), clean("B")])).toThrow("the key was used");
    const based = planOf({ baseModel: "B" });
    expect(run(based, [clean("A")])).toThrow(/wanted the plan's base model \(B\) for open mode, got none/);
    expect(run(based, [base()])).toThrow("the key was used");
  });

  it("are other models than the suspect and than each other", () => {
    const run = (controls: NonNullable<AuditEvidence["controls"]>) => () =>
      runAudit(planOf({}), evidence(predictionsOf(0), { controls, schemeOf: unused }));
    expect(run([clean("A"), clean("A")])).toThrow(/controls: wanted each model once, and not the suspect, got A twice/);
    expect(run([clean("suspect")])).toThrow(/wanted each model once, and not the suspect, got suspect twice/);
  });

  it("do not count where they have nothing to show for the mode", () => {
    const answers = transcripts.map(({ prompt }, row) => ({ prompt, tokens: Array.from(predictionsOf(0)[row]!) }));
    const controls = [clean("A")];
    const run = () =>
      runAudit(
        planOf({ cleanStudents: ["A"] }, "closed"),
        evidence([], { suspect: { name: "s", answers }, controls, schemeOf: unused }),
      );
    expect(run).toThrow(/wanted as many clean students as the plan names \(1: A\) for closed mode, got 0/);
  });

  it("may be more than were planned, and the report says so", () => {
    const report = runAudit(planOf({ cleanStudents: ["A"], wrongKeys: 1000 }), {
      ...evidence(predictionsOf(0.6)),
      controls: [clean("A"), clean("more"), base()],
    });
    expect(report.results[0]!.verdict).toBe("trained-on-marked");
    expect(formatAuditReport(report)).toContain("clean students 2 (planned: A), base model 1 (none planned)");
  });

  it("are what a conviction rests on: without any, dependence on the key is no verdict", () => {
    const [alone] = runAudit(planOf({}), evidence(predictionsOf(0.6))).results;
    expect(alone!.suspect.log10PValue).toBeLessThan(-6);
    expect(alone).toMatchObject({
      verdict: "cannot-tell",
      because: expect.stringMatching(/no clean model read the same transcripts under the right key/),
    });
    const beside = (wrongKeys: number) =>
      runAudit(planOf({ wrongKeys }), evidence(predictionsOf(0.6), { controls: [base()] })).results[0];
    expect(beside(1000)!.verdict).toBe("trained-on-marked");
    expect(beside(999)).toMatchObject({
      verdict: "cannot-tell",
      because: "it depends on the key, but that is exploratory: 999 wrong keys do not test the tail, 1000 do",
    });
  });

  it("are loud at a thousandth already, far above the plan's level", () => {
    const louder = (p: number) => {
      const result = runAudit(planOf({ wrongKeys: 1000 }), evidence(predictionsOf(0.6), { controls: [base()] }))
        .results[0]!;
      const controls = [{ ...result.controls[0]!, pValue: p }];
      return decideVerdict({ ...result, controls }, result.correctedPValue, 1e-6, 1).verdict;
    };
    expect([0.5, 2e-3, 9e-4].map(louder)).toEqual(["trained-on-marked", "trained-on-marked", "cannot-tell"]);
  });

  it("test the tail with wrong keys, of which a plan has twenty at least", () => {
    for (const wrongKeys of [5, 19, 20.5]) {
      expect(() => planOf({ wrongKeys })).toThrow(/controls.wrongKeys: wanted an integer of at least 20, got/);
    }
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

describe("a report", () => {
  const whole = runAudit(
    createAuditPlan({ hypothesis: "h", tests: [tests[0]!], transcripts, tokenizerSha256, controls: { wrongKeys: 20 } }),
    evidence(predictionsOf(0)),
  );
  const changed = (change: object) => () =>
    parseAuditReport(JSON.parse(JSON.stringify({ ...whole, results: [{ ...whole.results[0]!, ...change }] })));

  it("is read back as it was written", () => {
    expect(parseAuditReport(JSON.parse(JSON.stringify(whole)))).toEqual(JSON.parse(JSON.stringify(whole)));
  });

  it("of a test without a unit has no interval, as written and as read back", () => {
    const [result] = whole.results;
    const empty = { ...whole, results: [{ ...result!, scoreInterval: { lower: Number.NaN, upper: Number.NaN } }] };
    const again = JSON.parse(JSON.stringify(empty)) as typeof whole;
    expect(formatAuditReport(again)).toBe(formatAuditReport(empty));
    expect(formatAuditReport(again)).toContain("95 % interval over 20 texts none");
  });

  it("convicts nobody where wrong keys score above chance as well", () => {
    const loud = runAudit(whole.plan, evidence(predictionsOf(0.6), { controls: [base()] })).results[0]!;
    const verdictAt = (meanZScore: number) => {
      const wrongKeys = { ...loud.wrongKeys, keys: 1000, dispersion: 1, meanZScore };
      return decideVerdict({ ...loud, wrongKeys }, loud.correctedPValue, 1e-6, 1);
    };
    expect(verdictAt(0.1).verdict).toBe("trained-on-marked");
    expect(verdictAt(0.2)).toMatchObject({ verdict: "cannot-tell", because: expect.stringMatching(/mean z 0\.20/) });
  });

  it.each<[string, object, RegExp]>([
    ["verdict", { verdict: "trained-on-marked" }, /wanted the verdict that follows from its figures \(cannot-tell\)/],
    ["correction", { correctedLog10PValue: -9 }, /wanted the verdict that follows from its figures/],
    ["key", { keyId: "0".repeat(16) }, /wanted the plan's tests in their order/],
    ["figures", { suspect: null }, /results\[0\]\.suspect: wanted what the suspect gave, got null/],
  ])("whose %s was changed is refused", (_, change, message) => {
    expect(changed(change)).toThrow(message);
  });
});
