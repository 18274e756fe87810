import { TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { type AuditMode, type AuditPlan, type PlannedTest, parseAuditPlan, probeIdentity } from "./audit-plan.ts";
import {
  type AuditControl,
  type AuditReport,
  type AuditTestResult,
  type AuditVerdict,
  RIVALS,
} from "./audit-report.ts";
import { closedProbe, contextFilter } from "./closed-mode.ts";
import { clusterBootstrap } from "./cluster-bootstrap.ts";
import { correctTests } from "./correct-tests.ts";
import { openProbe } from "./open-mode.ts";
import { planProbe } from "./plan-probe.ts";
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
}

/** What {@link runAudit} works on. */
export interface AuditEvidence {
  readonly transcripts: readonly Transcript[];
  /** Digest of the suspect's tokenizer. */
  readonly tokenizerSha256: string;
  readonly suspect: ModelEvidence;
  readonly controls?: readonly (ModelEvidence & { readonly role: AuditControl["role"] })[];
  /** The scheme of a test under its key. */
  readonly schemeOf: (test: PlannedTest) => WatermarkScheme;
  /** The scheme of a test under wrong key i, drawn as the true one was. */
  readonly wrongSchemeOf: (test: PlannedTest, i: number) => WatermarkScheme;
}

/** Fewer unique units than this show nothing, whatever they say. */
const LEAST_UNITS = 30;

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

type Uncorrected = Omit<AuditTestResult, "correctedPValue" | "correctedLog10PValue" | "verdict" | "because">;

function runTest(plan: AuditPlan, test: PlannedTest, evidence: AuditEvidence): Uncorrected {
  const scheme = evidence.schemeOf(test);
  const probe = probeOf(test.mode, scheme.context.width, evidence, evidence.suspect);
  if (probe === null) {
    const wanted = test.mode === "open" ? "its predictions (weights or scores)" : "answers that it wrote";
    throw new TokenmarkError(
      "bad-argument",
      `suspect: wanted ${wanted} for the plan's ${test.mode} mode, got none; a plan is run whole`,
    );
  }
  const tally = probe.tally(scheme);
  const suspect = testTally(scheme, tally);
  const controls = (evidence.controls ?? []).flatMap((model): AuditControl[] => {
    const own = probeOf(test.mode, scheme.context.width, evidence, model);
    return own === null ? [] : [{ role: model.role, name: model.name, ...testTally(scheme, own.tally(scheme)) }];
  });
  const { positions, copied, repeated } = tally;
  return {
    ...test,
    suspect,
    positions,
    copied,
    repeated,
    scoreInterval: clusterBootstrap(tally, plan.digest),
    wrongKeys: testWrongKeys(probe, suspect, (i) => evidence.wrongSchemeOf(test, i), plan.controls.wrongKeys),
    controls,
    needed: tally.tokensScored === 0 ? null : planProbe(scheme, tally, { alpha: plan.alpha / plan.tests.length }),
  };
}

function decide(result: Uncorrected, corrected: number, alpha: number): { verdict: AuditVerdict; because: string } {
  const { suspect, controls, wrongKeys } = result;
  if (suspect.tokensScored < LEAST_UNITS) {
    return {
      verdict: "cannot-tell",
      because: `only ${suspect.tokensScored} unique units overlap the probe; at least ${LEAST_UNITS} are wanted`,
    };
  }
  const loud = controls.find(({ pValue }) => pValue <= alpha);
  const dispersed = wrongKeys.dispersedLog10PValue;
  if (corrected <= alpha && loud !== undefined) {
    return {
      verdict: "cannot-tell",
      because: `a ${loud.role} that should be clean comes out at p ${loud.pValue.toPrecision(2)} under the same key: something other than training is at work`,
    };
  }
  if (corrected <= alpha && dispersed !== null && 10 ** dispersed > alpha) {
    return {
      verdict: "cannot-tell",
      because: "wrong keys scatter more than the tail allows, and with that scatter the evidence is not enough",
    };
  }
  if (corrected <= alpha) {
    return {
      verdict: "trained-on-marked",
      because: "what the suspect prefers depends on the key, at the plan's level after correction for all its tests",
    };
  }
  return {
    verdict: "cannot-tell",
    because:
      "no dependence on the key at the plan's level; that is no proof of a clean student, which only enough power could be",
  };
}

/**
 * Runs a plan: every test on the suspect, wrong keys on the tail, controls under the right key, all corrected together.
 *
 * @throws TokenmarkError `bad-config` for a plan that was changed, `bad-argument` for transcripts that are not the plan's,
 * `tokenizer-mismatch` for a suspect whose ids mean something else.
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
      "suspect: wanted the tokenizer that the transcripts' ids belong to, got another; plan the closed mode on its texts, encoded with yours",
    );
  }
  const results = plan.tests.map((test) => runTest(plan, test, evidence));
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
        ...decide(result, corrected[i]!.correctedPValue, plan.alpha),
      }),
    ),
    rivals: RIVALS,
  });
}
