import { TokenmarkError } from "@tokenmark/core";
import type { AuditControl } from "./audit-control.ts";
import type { AuditEvidence, ModelEvidence } from "./audit-evidence.ts";
import { type AuditMode, isClosed } from "./audit-mode.ts";
import { type AuditPlan, parseAuditPlan } from "./audit-plan.ts";
import { type AuditReport, type AuditTestResult, RIVALS } from "./audit-report.ts";
import { checkEvidence, checkPlanTranscripts } from "./check-evidence.ts";
import { closedProbe, contextFilter } from "./closed-mode.ts";
import { clusterBootstrap } from "./cluster-bootstrap.ts";
import { controlUnits } from "./control-units.ts";
import { correctTests } from "./correct-tests.ts";
import { decideVerdict } from "./decide-verdict.ts";
import { hasKnownLaw } from "./known-law.ts";
import { loudLevel } from "./loud-level.ts";
import { openProbe } from "./open-mode.ts";
import { pilotUnits } from "./pilot-units.ts";
import { planProbe } from "./plan-probe.ts";
import type { PlannedTest } from "./planned-test.ts";
import type { Probe } from "./probe.ts";
import { checkRankKeys } from "./rank-keys.ts";
import { clustersOf } from "./tally.ts";
import { testControl, testSuspect, type WrongKeys } from "./test-probe.ts";

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

/** A test before all are corrected together. */
type Uncorrected = Omit<AuditTestResult, "correctedPValue" | "correctedLog10PValue" | "verdict" | "because">;

function runTest(plan: AuditPlan, test: PlannedTest, evidence: AuditEvidence): Uncorrected {
  const scheme = evidence.schemeOf(test);
  const { width } = scheme.context;
  const probe = probeOf(test.mode, width, evidence, evidence.suspect)!;
  const wrong: WrongKeys = {
    schemeUnder: (i) => evidence.wrongSchemeOf(test, i),
    keys: plan.controls.wrongKeys,
  };
  const { tally, test: suspect, wrongKeys } = testSuspect(probe, scheme, wrong);
  const level = plan.alpha / plan.tests.length;
  const retokenised = ({ retokenised = false }: ModelEvidence): boolean => isClosed(test.mode) && retokenised;
  const controls = (evidence.controls ?? []).flatMap((model): AuditControl[] => {
    const own = probeOf(test.mode, width, evidence, model);
    if (own === null) return [];
    const { role, name } = model;
    return [{ role, name, retokenised: retokenised(model), ...testControl(own, scheme, wrong) }];
  });
  const { positions, copied, repeated } = tally;
  return {
    ...test,
    suspect,
    retokenised: retokenised(evidence.suspect),
    collected: isClosed(test.mode) && (evidence.suspect.collected ?? false),
    positions,
    copied,
    repeated,
    clusters: clustersOf(tally),
    scoreInterval: clusterBootstrap(tally, plan.digest),
    wrongKeys,
    controls,
    controlUnits: controlUnits(scheme, suspect, loudLevel(plan.alpha, plan.tests.length)),
    needed: tally.tokensScored === 0 || !hasKnownLaw(scheme) ? null : planProbe(scheme, tally, { alpha: level }),
    pilotUnits: pilotUnits(plan, test, scheme, retokenised(evidence.suspect)),
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
  checkPlanTranscripts(plan, evidence.transcripts);
  if (evidence.tokenizerSha256 !== plan.tokenizerSha256) {
    throw new TokenmarkError(
      "tokenizer-mismatch",
      "suspect: wanted the tokenizer that the transcripts' ids belong to, got another; plan closed mode and give its texts, encoded with yours (encodeAnswers)",
    );
  }
  checkEvidence(plan, evidence);
  checkRankKeys(plan, (test) => evidence.wrongSchemeOf(test, 0));
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
