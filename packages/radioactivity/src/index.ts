export { type AskAnswersOptions, askAnswers } from "./ask-answers.ts";
export type { AuditControl } from "./audit-control.ts";
export type { AuditEvidence, ModelEvidence } from "./audit-evidence.ts";
export { type AuditMode, auditModes } from "./audit-mode.ts";
export { type AuditPilot, PILOT_POWER, type PilotScore } from "./audit-pilot.ts";
export {
  type AuditPlan,
  type AuditPlanOptions,
  createAuditPlan,
  parseAuditPlan,
  probeIdentity,
  testsOfProfile,
} from "./audit-plan.ts";
export {
  type AuditReport,
  type AuditTestResult,
  type AuditVerdict,
  formatAuditReport,
} from "./audit-report.ts";
export { checkAnswers, checkPlanTranscripts } from "./check-evidence.ts";
export { type ContextFilter, closedProbe, contextFilter } from "./closed-mode.ts";
export { clusterBootstrap, type ScoreInterval } from "./cluster-bootstrap.ts";
export { encodeAnswers, type WrittenAnswer } from "./encode-answers.ts";
export { formatTraceReport } from "./format-trace.ts";
export { hasKnownLaw } from "./known-law.ts";
export { oneLine } from "./one-line.ts";
export { openProbe } from "./open-mode.ts";
export { parseAuditReport } from "./parse-audit-report.ts";
export { parseTraceReport } from "./parse-trace-report.ts";
export { pilotOf } from "./pilot-of.ts";
export { pilotUnits } from "./pilot-units.ts";
export { type ProbePilot, type ProbePlanOptions, type ProbeSize, planProbe } from "./plan-probe.ts";
export { type ControlCount, checkPlannedControls } from "./planned-controls.ts";
export type { PlannedTest } from "./planned-test.ts";
export { createProbe, type Probe, type ProbeRow } from "./probe.ts";
export { randomisedPValue } from "./randomised-p.ts";
export { checkRankKeys } from "./rank-keys.ts";
export type { WrongKeyRank } from "./rank-test.ts";
export { agreement, askPredictions, NO_PREDICTION, type Predictions, readPredictions } from "./read-predictions.ts";
export { runAudit } from "./run-audit.ts";
export {
  runTrace,
  type TraceAccount,
  type TraceControl,
  type TracedKey,
  type TraceEvidence,
  type TraceReport,
  type TraceSubject,
} from "./run-trace.ts";
export type { ClusterTally, Tally } from "./tally.ts";
export { type TallyTest, testTally } from "./test-tally.ts";
export { type KeyTrace, type NamedKey, type OtherKeys, type RegisteredKey, traceKeys } from "./trace-keys.ts";
export type { Transcript } from "./transcript.ts";
export {
  type DatasetShape,
  datasetShapes,
  formatTranscripts,
  parseTranscripts,
  type TranscriptRecord,
} from "./transcript-jsonl.ts";
export { LEAST_WRONG_KEYS, testWrongKeys, type WrongKeyTest } from "./wrong-keys.ts";
