import { TokenmarkError } from "@tokenmark/core";
import type { AuditPilot, PilotScore } from "./audit-pilot.ts";
import type { AuditReport, AuditTestResult } from "./audit-report.ts";
import { checkShareRatio } from "./excess-of-share.ts";
import { isSameTest, type PlannedTest } from "./planned-test.ts";
import { testsTail } from "./wrong-keys.ts";

/** An interval over fewer transcripts says too little of how they differ. */
const LEAST_CLUSTERS = 10;

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
