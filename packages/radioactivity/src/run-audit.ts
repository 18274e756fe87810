import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import type { AuditControl } from "./audit-control.ts";
import { pilotUnits } from "./audit-pilot.ts";
import { type AuditMode, type AuditPlan, type PlannedTest, parseAuditPlan, probeIdentity } from "./audit-plan.ts";
import { type AuditReport, type AuditTestResult, RIVALS } from "./audit-report.ts";
import { closedProbe, contextFilter } from "./closed-mode.ts";
import { clusterBootstrap } from "./cluster-bootstrap.ts";
import { correctTests } from "./correct-tests.ts";
import { decideVerdict } from "./decide-verdict.ts";
import { openProbe } from "./open-mode.ts";
import { planProbe } from "./plan-probe.ts";
import { checkPlannedControls } from "./planned-controls.ts";
import type { Probe } from "./probe.ts";
import type { Predictions } from "./read-predictions.ts";
import { testTally } from "./test-tally.ts";
import type { Transcript } from "./transcript.ts";
import { testWrongKeys } from "./wrong-keys.ts";

/** What was got from one model: predictions along the transcripts, answers of its own, or both. */
export interface ModelEvidence {
  readonly name: string;
  /** For open mode: `readPredictions` of each transcript. */
  readonly predictions?: readonly Predictions[];
  /** For closed mode: what it wrote. */
  readonly answers?: readonly Transcript[];
  /** True where the ids of `answers` were made from their text with the mark's tokenizer. @defaultValue false */
  readonly retokenised?: boolean;
}

/** What {@link runAudit} works on. */
export interface AuditEvidence {
  readonly transcripts: readonly Transcript[];
  /** Digest of the tokenizer that all ids belong to. */
  readonly tokenizerSha256: string;
  readonly suspect: ModelEvidence;
  readonly controls?: readonly (ModelEvidence & { readonly role: AuditControl["role"] })[];
  /** The scheme of a test under its key. */
  readonly schemeOf: (test: PlannedTest) => WatermarkScheme;
  /** The scheme of a test under wrong key i, drawn as the true one was. */
  readonly wrongSchemeOf: (test: PlannedTest, i: number) => WatermarkScheme;
}

function probeOf(mode: AuditMode, width: number, evidence: AuditEvidence, model: ModelEvidence): Probe | null {
  switch (mode) {
    case "open":
      return model.predictions === undefined ? null : openProbe(evidence.transcripts, model.predictions, width);
    case "closed":
      return model.answers === undefined
        ? null
        : closedProbe(model.answers, width, contextFilter(evidence.transcripts, width));
    case "closed-unfiltered":
      return model.answers === undefined ? null : closedProbe(model.answers, width);
    default:
      return mode satisfies never;
  }
}

/** Whether a mode looks at what a model wrote. */
const isClosed = (mode: AuditMode): boolean => mode !== "open";

/** Refuses evidence that lacks what a test of the plan needs, of the suspect or of a planned control. */
function checkEvidence(plan: AuditPlan, { suspect, controls = [] }: AuditEvidence): void {
  for (const { mode } of plan.tests) {
    const has = (model: ModelEvidence): boolean => (isClosed(mode) ? model.answers : model.predictions) !== undefined;
    if (!has(suspect)) {
      const wanted = mode === "open" ? "its predictions (weights or scores)" : "answers that it wrote";
      throw new TokenmarkError(
        "bad-argument",
        `suspect: wanted ${wanted} for the plan's ${mode} mode, got none; a plan is run whole`,
      );
    }
    const count = (role: AuditControl["role"]): number =>
      controls.filter((model) => model.role === role && has(model)).length;
    checkPlannedControls(
      plan,
      { cleanStudents: count("clean student"), baseModels: count("base model") },
      `${mode} mode`,
    );
  }
}

/** A test before all are corrected together. */
type Uncorrected = Omit<AuditTestResult, "correctedPValue" | "correctedLog10PValue" | "verdict" | "because">;

function runTest(plan: AuditPlan, test: PlannedTest, evidence: AuditEvidence): Uncorrected {
  const scheme = evidence.schemeOf(test);
  const { width } = scheme.context;
  const probe = probeOf(test.mode, width, evidence, evidence.suspect)!;
  const tally = probe.tally(scheme);
  const suspect = testTally(scheme, tally);
  const retokenised = ({ retokenised = false }: ModelEvidence): boolean => isClosed(test.mode) && retokenised;
  const controls = (evidence.controls ?? []).flatMap((model): AuditControl[] => {
    const own = probeOf(test.mode, width, evidence, model);
    if (own === null) return [];
    const { role, name } = model;
    return [{ role, name, retokenised: retokenised(model), ...testTally(scheme, own.tally(scheme)) }];
  });
  const { positions, copied, repeated } = tally;
  return {
    ...test,
    suspect,
    retokenised: retokenised(evidence.suspect),
    positions,
    copied,
    repeated,
    scoreInterval: clusterBootstrap(tally, plan.digest),
    wrongKeys: testWrongKeys(probe, suspect, (i) => evidence.wrongSchemeOf(test, i), plan.controls.wrongKeys),
    controls,
    needed: tally.tokensScored === 0 ? null : planProbe(scheme, tally, { alpha: plan.alpha / plan.tests.length }),
    pilotUnits: pilotUnits(plan, test, scheme),
  };
}

/**
 * Runs a plan: every test on the suspect, wrong keys on the tail, controls under the right key, all corrected together.
 *
 * @throws TokenmarkError `bad-config` for a plan that was changed, `bad-argument` for transcripts that are not the plan's, for
 * evidence or controls that the plan asks for and that are not there (before any key is used), and where no unit of the suspect overlaps the
 * probe in any test; `tokenizer-mismatch` for a suspect whose ids mean something else.
 */
export function runAudit(planned: AuditPlan, evidence: AuditEvidence): AuditReport {
  const plan = parseAuditPlan(planned);
  const { sha256 } = probeIdentity(evidence.transcripts);
  if (sha256 !== plan.probe.sha256) {
    throw new TokenmarkError(
      "bad-argument",
      `transcripts: wanted those of the plan (SHA-256 ${plan.probe.sha256.slice(0, 16)}…), got others (${sha256.slice(0, 16)}…)`,
    );
  }
  if (evidence.tokenizerSha256 !== plan.tokenizerSha256) {
    throw new TokenmarkError(
      "tokenizer-mismatch",
      "suspect: wanted the tokenizer that the transcripts' ids belong to, got another; plan closed mode and give its texts, encoded with yours (encodeAnswers)",
    );
  }
  checkEvidence(plan, evidence);
  const results = plan.tests.map((test) => runTest(plan, test, evidence));
  if (results.every(({ suspect }) => suspect.tokensScored === 0)) {
    throw new TokenmarkError(
      "bad-argument",
      "suspect: wanted units that overlap the probe, got none in any test: none of its contexts occurs in the transcripts, or all are copies",
    );
  }
  const corrected = correctTests(results.map(({ suspect }) => suspect));
  return Object.freeze({
    format: "tokenmark-audit-report/1" as const,
    planDigest: plan.digest,
    plan,
    suspect: evidence.suspect.name,
    results: results.map(
      (result, i): AuditTestResult => ({
        ...result,
        ...corrected[i]!,
        ...decideVerdict(result, corrected[i]!.correctedPValue, plan.alpha, results.length),
      }),
    ),
    rivals: RIVALS,
  });
}
