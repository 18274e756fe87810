import { describe, expect, it } from "vitest";
import {
  type AuditPilot,
  type AuditPlan,
  createAuditPlan,
  formatAuditReport,
  type ModelEvidence,
  parseAuditPlan,
  parseAuditReport,
  pilotOf,
  runAudit,
} from "../src/index.ts";
import {
  answersOf,
  base,
  config,
  evidence,
  key,
  plan,
  predictionsOf,
  tests,
  tokenizerSha256,
  transcripts,
} from "./audit-fixture.ts";

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
    const report = runAudit(plan, evidence(predictionsOf(0.6), { controls: [base()] }));
    expect(report.results.map(({ verdict }) => verdict)).toEqual(["trained-on-marked", "cannot-tell"]);
    expect(report.results[0]!.correctedLog10PValue).toBeCloseTo(
      report.results[0]!.suspect.log10PValue + Math.log10(2),
      6,
    );
    const text = formatAuditReport(report);
    expect(text).toContain("TRAINED-ON-MARKED");
    expect(text).toContain("1000 wrong keys");
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
      closed: { answers: transcripts.length },
    });
    const answers = transcripts.map(({ prompt }, row) => ({ prompt, tokens: Array.from(predictionsOf(0.8)[row]!) }));
    const { results } = runAudit(closed, evidence([], { suspect: { name: "s", answers } }));
    expect(results[0]!.suspect.tokensScored).toBeLessThanOrEqual(results[1]!.suspect.tokensScored);
    expect(results.map(({ mode }) => mode)).toEqual(["closed", "closed-unfiltered"]);
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
  const closedPlan = (answers: number) =>
    createAuditPlan({
      hypothesis: "h",
      tests: [{ ...tests[0]!, mode: "closed" }],
      transcripts,
      tokenizerSha256,
      controls: { wrongKeys: 20 },
      closed: { answers, tokens: 60 },
    });
  const closed = closedPlan(transcripts.length);

  it("refuses answers that overlap nothing of the transcripts", () => {
    const answers = [{ prompt: [900], tokens: Array.from({ length: 50 }, (_, i) => 1000 + i) }];
    expect(() => runAudit(closedPlan(1), evidence([], { suspect: { name: "s", answers } }))).toThrow(
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

  it("takes as many answers as were planned and none longer, of the suspect and of controls, before a key is used", () => {
    const answers = transcripts.map(({ prompt }, row) => ({ prompt, tokens: Array.from(predictionsOf(0)[row]!) }));
    const unused = (): never => {
      throw new Error("the key was used");
    };
    const run = (suspect: Partial<ModelEvidence>, control: Partial<ModelEvidence> = {}) => {
      const controls = [{ role: "clean student" as const, name: "C", answers, ...control }];
      const keys = { schemeOf: unused, wrongSchemeOf: unused };
      return () => runAudit(closed, evidence([], { suspect: { name: "s", answers, ...suspect }, controls, ...keys }));
    };
    const long = answers.with(3, { prompt: [1], tokens: Array.from({ length: 61 }, () => 5) });
    expect(run({ answers: answers.slice(1) })).toThrow(/answers of s: wanted 20 answers, as the plan has it, got 19/);
    expect(run({ answers: [...answers, answers[0]!] })).toThrow(/wanted 20 answers, as the plan has it, got 21/);
    expect(run({ answers: long })).toThrow(/wanted at most 60 tokens in each, .* got 61 in answer 4/);
    expect(run({}, { answers: answers.slice(1) })).toThrow(/answers of C: wanted 20 answers/);
    // Text that was encoded anew may have more tokens than were written.
    expect(run({ answers: long, retokenised: true })).toThrow("the key was used");
    expect(run({})).toThrow("the key was used");
  });

  it("says of collected answers that they are, and that their silence is none", () => {
    const suspectOf = (share: number, collected: boolean) => ({
      name: `s ${share}`,
      answers: answersOf(share),
      collected,
    });
    const unfiltered = (pilots: readonly AuditPilot[]) =>
      createAuditPlan({
        hypothesis: "h",
        tests: [{ ...tests[0]!, mode: "closed-unfiltered" }],
        transcripts,
        tokenizerSha256,
        controls: { wrongKeys: 1000 },
        closed: { answers: 20 },
        pilots,
      });
    const controls = [{ role: "base model" as const, name: "base", answers: answersOf(0) }];
    const first = runAudit(unfiltered([]), evidence([], { suspect: suspectOf(1, false), controls }));
    const plan = unfiltered([pilotOf(first, first.plan.tests)]);
    const asked = runAudit(plan, evidence([], { suspect: suspectOf(0, false), controls }));
    expect(asked.results[0]!.verdict).toBe("no-evidence");
    expect(formatAuditReport(asked)).not.toContain("collected: asked elsewhere");
    const collected = runAudit(plan, evidence([], { suspect: suspectOf(0, true), controls }));
    expect(collected.results[0]).toMatchObject({
      verdict: "cannot-tell",
      collected: true,
      because: expect.stringMatching(/collected elsewhere: asked otherwise than the pilots were/),
    });
    expect(formatAuditReport(collected)).toContain("collected: asked elsewhere");
  });
});
