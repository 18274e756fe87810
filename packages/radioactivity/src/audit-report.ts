import type { AuditControl } from "./audit-control.ts";
import { isClosed } from "./audit-mode.ts";
import type { AuditPilot } from "./audit-pilot.ts";
import type { AuditPlan } from "./audit-plan.ts";
import type { ScoreInterval } from "./cluster-bootstrap.ts";
import type { CorrectedTest } from "./correct-tests.ts";
import type { ProbeSize } from "./plan-probe.ts";
import type { PlannedTest } from "./planned-test.ts";
import type { WrongKeyRank } from "./rank-test.ts";
import { controlLine, decades, intervalText, textsCount, wrongKeyLines } from "./report-lines.ts";
import type { TallyTest } from "./test-tally.ts";
import type { WrongKeyTest } from "./wrong-keys.ts";

/** What stands beside the p-value of one key, and the verdict. */
export interface AuditFindings {
  /** Positions looked at, and those left out as copies and repeats. */
  readonly positions: number;
  readonly copied: number;
  readonly repeated: number;
  /** Transcripts, or answers, that hold a unit. */
  readonly clusters: number;
  /** Bootstrap over transcripts of the mean score; an interval only. */
  readonly scoreInterval: ScoreInterval;
  /** What wrong keys say of the tail; of a scheme without a known law the rank alone, which is its p-value. */
  readonly wrongKeys: WrongKeyTest | WrongKeyRank;
  readonly controls: readonly AuditControl[];
  /** Units on which a control that scored as the suspect does would be loud nine times in ten; null where that is not known. */
  readonly controlUnits: number | null;
  readonly verdict: AuditVerdict;
  /** Why, in a sentence. */
  readonly because: string;
}

/** What one test of a plan gave. */
export interface AuditTestResult extends PlannedTest, CorrectedTest, AuditFindings {
  readonly suspect: TallyTest;
  /** Whether its units are of text that was encoded anew with the mark's tokenizer. */
  readonly retokenised: boolean;
  /** Whether its units are of answers that were collected elsewhere: how, the audit does not know. */
  readonly collected: boolean;
  /** Units that would have shown the suspect's own score nine times in ten; null where its score is no higher than chance, or the law not known. */
  readonly needed: ProbeSize | null;
  /** Units that find a student such as the plan's pilot nine times in ten; null without one. */
  readonly pilotUnits: number | null;
}

/**
 * `trained-on-marked`: dependence on the key at the plan's level, with controls that stay silent. `no-evidence`: none, on units enough to find
 * a student such as the plan's pilot with probability .9; never that the suspect was not trained on marked text. `cannot-tell`: the rest.
 */
export type AuditVerdict = "trained-on-marked" | "no-evidence" | "cannot-tell";

/** A report bound to its plan. Plain JSON data. */
export interface AuditReport {
  readonly format: "tokenmark-audit-report/1";
  readonly planDigest: string;
  readonly plan: AuditPlan;
  readonly suspect: string;
  readonly results: readonly AuditTestResult[];
  /** Rival explanations that no p-value rules out. */
  readonly rivals: readonly string[];
}

/** What a small p-value does not say of an audit. */
export const RIVALS: readonly string[] = Object.freeze([
  "The suspect learnt marked text that others published, not your API's answers: keys per account and epoch tell these apart.",
  "The suspect's training data holds outputs of another model that was trained on yours.",
  "The key leaked, and text was made to carry it.",
  "The transcripts contain text that the suspect wrote itself.",
  "Collected answers were chosen among more, or given to longer prompts than is said: marked text that was copied from those counts as the suspect's own.",
]);

/** Controls that ran beside those that were planned. */
function controlsLine({ controls }: AuditPlan, results: readonly AuditTestResult[]): string {
  const most = (role: AuditControl["role"]): number =>
    Math.max(0, ...results.map((result) => result.controls.filter((control) => control.role === role).length));
  const planned = (names: readonly string[]): string =>
    names.length === 0 ? "none planned" : `planned: ${names.join(", ")}`;
  const { cleanStudents, baseModel } = controls;
  const base = baseModel === null ? [] : [baseModel];
  return `Controls under the right key: clean students ${most("clean student")} (${planned(cleanStudents)}), base model ${most("base model")} (${planned(base)})`;
}

const pilotLine = ({ suspect, planDigest, shareRatio, scores }: AuditPilot): string =>
  `Pilot: ${suspect}, which scored ${scores.map(({ mode, scheme, excess }) => `${excess.toFixed(4)} above chance in ${mode} mode (${scheme.scheme})`).join(", ")} under plan ${planDigest.slice(0, 16)}…; the suspect's marked share is taken as ${shareRatio} times its own`;

const RETOKENISED =
  "re-tokenised: its text was encoded with the mark's tokenizer, ids that it wrote itself may have differed";

const COLLECTED =
  "collected: asked elsewhere, at what temperature and with which prompts is as whoever collected them says";

/** A report for people. */
export function formatAuditReport({ plan, planDigest, suspect, results, rivals }: AuditReport): string {
  const lines = [
    `Audit of ${suspect}`,
    `Hypothesis: ${plan.hypothesis}`,
    `Plan ${planDigest.slice(0, 16)}…, level ${plan.alpha} for all ${plan.tests.length} tests together`,
    `Probe: ${plan.probe.transcripts} transcripts, ${plan.probe.tokens} tokens, SHA-256 ${plan.probe.sha256.slice(0, 16)}…`,
    controlsLine(plan, results),
    ...(plan.pilots ?? []).map(pilotLine),
  ];
  for (const result of results) {
    const { suspect: own, wrongKeys, scoreInterval, controls } = result;
    lines.push(
      "",
      `${result.scheme.scheme}, ${result.mode} mode, key ${result.keyId}: ${result.verdict.toUpperCase()}`,
      `  ${result.because}`,
      `  suspect        p ${decades(own.log10PValue)} (corrected ${decades(result.correctedLog10PValue)}), ${own.tokensScored} unique units of ${result.positions} positions`,
      `                 mean score ${own.meanScore.toFixed(4)}, ${own.expectedScore.toFixed(4)} without the mark; 95 % interval over ${textsCount(result.clusters)} ${intervalText(scoreInterval)}`,
      `                 left out: ${result.copied} copies of the transcript, ${result.repeated} repeats; tail ${own.tail}`,
    );
    if (result.retokenised) lines.push(`                 ${RETOKENISED}`);
    if (result.collected) lines.push(`                 ${COLLECTED}`);
    const room = plan.closed.answers * plan.closed.tokens;
    if (isClosed(result.mode) && result.positions > room) {
      lines.push(
        `                 longer than planned: ${result.positions} positions where ${room} tokens were to be written`,
      );
    }
    lines.push(...controls.map(controlLine), ...wrongKeyLines(wrongKeys, own.zScore));
    if (result.needed?.tokensScored != null && result.verdict === "cannot-tell") {
      lines.push(`  to find this score nine times in ten: ${result.needed.tokensScored} unique units`);
    }
  }
  lines.push("", "What a small p does not rule out:", ...rivals.map((rival) => `  - ${rival}`));
  return `${lines.join("\n")}\n`;
}
