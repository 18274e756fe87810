import { type AnySchemeConfig, TokenmarkError } from "@tokenmark/core";
import type { AuditMode } from "./audit-mode.ts";
import type { PlannedTest } from "./audit-plan.ts";
import type { AuditReport, AuditTestResult } from "./audit-report.ts";
import { canonicalJson } from "./canonical-json.ts";
import { checkShareRatio } from "./excess-of-share.ts";
import { testsTail } from "./wrong-keys.ts";

/** An interval over fewer transcripts says too little of how they differ. */
const LEAST_CLUSTERS = 10;

/** Power that an audit needs before its silence says anything. */
export const PILOT_POWER = 0.9;

/** What one test gave on the pilot. */
export interface PilotScore {
  readonly scheme: AnySchemeConfig;
  readonly mode: AuditMode;
  /** Mean score of a unit above what it is without the mark. */
  readonly excess: number;
  /** Units that it was measured on. */
  readonly tokensScored: number;
  /** Whether they are of text that was encoded anew, which loses some of the mark. */
  readonly retokenised: boolean;
  /** What a unit scores without the mark: pilots of another law, as keys of another depth have, say nothing. */
  readonly expectedScore: number;
}

/** A student that is known to have read marked text, bound into a plan: what the audit has to be able to find before its silence counts. */
export interface AuditPilot {
  /** What was measured, by the name in its report. */
  readonly suspect: string;
  /** Digest of the plan under which the pilot was measured. */
  readonly planDigest: string;
  /** Marked share of the suspect's training text that the hypothesis speaks of, over the pilot's. */
  readonly shareRatio: number;
  /** At which it wrote, for scores of closed modes. */
  readonly temperature: number;
  readonly scores: readonly PilotScore[];
}

/** Whether two tests differ in the key at most. */
export const isSameTest = (a: Pick<PlannedTest, "scheme" | "mode">, b: Pick<PlannedTest, "scheme" | "mode">): boolean =>
  a.mode === b.mode && canonicalJson(a.scheme) === canonicalJson(b.scheme);

const excessOf = ({ suspect }: AuditTestResult): number => suspect.meanScore - suspect.expectedScore;

/**
 * The pilot's score in a test: of several keys the weakest; none where a key is not found by the rules of an audit, or its answers were collected
 * elsewhere, or the interval over transcripts is over fewer than ten or reaches down to chance.
 */
function scoreOf({ scheme, mode }: PlannedTest, report: AuditReport): PilotScore | undefined {
  const same = report.results.filter((result) => isSameTest(result, { scheme, mode }));
  const [weakest] = same.toSorted((a, b) => excessOf(a) - excessOf(b));
  if (weakest === undefined || !(excessOf(weakest) > 0)) return undefined;
  if (same.some(({ verdict, collected }) => verdict !== "trained-on-marked" || collected)) return undefined;
  if (same.some(({ wrongKeys }) => !testsTail(wrongKeys))) return undefined;
  if (same.some(({ clusters }) => clusters < LEAST_CLUSTERS)) return undefined;
  if (same.some(({ scoreInterval, suspect }) => !(scoreInterval.lower > suspect.expectedScore))) return undefined;
  return {
    scheme,
    mode,
    excess: excessOf(weakest),
    tokensScored: weakest.suspect.tokensScored,
    retokenised: weakest.retokenised,
    expectedScore: weakest.suspect.expectedScore,
  };
}

/**
 * Makes a pilot of the report of an audit that was run on a student known to have read marked text, whatever its key. Tests of the plan
 * that the report did not make, or in which it shows nothing, are left out.
 *
 * @param shareRatio - above 0; 1 for a suspect with as large a marked share as the pilot's.
 * @throws TokenmarkError `bad-argument` for a ratio out of range, or if no test is left.
 */
export function pilotOf(report: AuditReport, tests: readonly PlannedTest[], shareRatio = 1): AuditPilot {
  checkShareRatio(shareRatio);
  const scores: PilotScore[] = [];
  for (const test of tests) {
    const score = scoreOf(test, report);
    if (score !== undefined && !scores.some((known) => isSameTest(known, score))) scores.push(score);
  }
  const { temperature } = report.plan.closed;
  if (scores.length > 0)
    return { suspect: report.suspect, planDigest: report.planDigest, shareRatio, temperature, scores };
  throw new TokenmarkError(
    "bad-argument",
    `pilot: wanted a report that finds one of the plan's schemes and modes, above chance by its 95 % interval over at least ${LEAST_CLUSTERS} transcripts or answers that were not collected elsewhere, got none`,
  );
}

/**
 * Refuses pilots that wrote at another temperature than the suspect will (the colder, the more it shows), and one student that is to stand for two.
 *
 * @throws TokenmarkError `bad-argument`.
 */
export function checkPilots(pilots: readonly AuditPilot[], temperature: number): void {
  const students = pilots.map(({ suspect, planDigest }) => `${planDigest} ${suspect}`);
  const twice = pilots.find((_, i) => students.indexOf(students[i]!) < i);
  if (twice !== undefined) {
    throw new TokenmarkError("bad-argument", `pilots: wanted each student once, got ${twice.suspect} twice`);
  }
  for (const pilot of pilots) {
    if (pilot.temperature === temperature || pilot.scores.every(({ mode }) => mode === "open")) continue;
    throw new TokenmarkError(
      "bad-argument",
      `pilot: wanted closed modes at the plan's temperature ${temperature}, got ${pilot.temperature}`,
    );
  }
}
