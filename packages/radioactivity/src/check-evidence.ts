import { TokenmarkError } from "@tokenmark/core";
import type { AuditControl } from "./audit-control.ts";
import type { AuditEvidence, ModelEvidence } from "./audit-evidence.ts";
import { isClosed } from "./audit-mode.ts";
import { type AuditPlan, probeIdentity } from "./audit-plan.ts";
import { checkNames } from "./one-line.ts";
import { checkPlannedControls } from "./planned-controls.ts";
import type { Transcript } from "./transcript.ts";

/**
 * Refuses transcripts that are not the plan's. Uses no key.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function checkPlanTranscripts({ probe }: AuditPlan, transcripts: readonly Transcript[]): void {
  const { sha256 } = probeIdentity(transcripts);
  if (sha256 === probe.sha256) return;
  throw new TokenmarkError(
    "bad-argument",
    `transcripts: wanted those of the plan (SHA-256 ${probe.sha256.slice(0, 16)}…), got others (${sha256.slice(0, 16)}…)`,
  );
}

/**
 * Refuses answers of another number or length than planned: whoever may choose them once they are read can choose what they show. Uses no key.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function checkAnswers({ closed }: AuditPlan, { name, answers, retokenised = false }: ModelEvidence): void {
  if (answers === undefined) return;
  const refuse = (wanted: string, got: string): never => {
    throw new TokenmarkError(
      "bad-argument",
      `answers of ${name}: wanted ${wanted}, as the plan has it, got ${got}; a plan is run as it was written`,
    );
  };
  if (answers.length !== closed.answers) refuse(`${closed.answers} answers`, `${answers.length}`);
  // Of text that was encoded anew the student's own length is not known.
  const long = retokenised ? -1 : answers.findIndex(({ tokens }) => tokens.length > closed.tokens);
  if (long >= 0)
    refuse(`at most ${closed.tokens} tokens in each`, `${answers[long]!.tokens.length} in answer ${long + 1}`);
}

/**
 * Refuses evidence that lacks what a test of the plan needs, of the suspect or of a planned control, one model under two roles, and answers that
 * are not as many and as long as planned. Uses no key.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function checkEvidence(plan: AuditPlan, { suspect, controls = [] }: AuditEvidence): void {
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
  const names = [suspect, ...controls].map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    throw new TokenmarkError(
      "bad-argument",
      `controls: wanted each model once, and not the suspect, got ${twice} twice`,
    );
  }
  checkNames(names);
  if (plan.tests.some(({ mode }) => isClosed(mode)))
    for (const model of [suspect, ...controls]) checkAnswers(plan, model);
}
