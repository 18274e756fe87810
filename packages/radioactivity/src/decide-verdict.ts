import { PILOT_POWER } from "./audit-pilot.ts";
import type { AuditTestResult, AuditVerdict } from "./audit-report.ts";
import { LEAST_UNITS } from "./least-units.ts";
import { USUAL_WRONG_KEYS } from "./wrong-keys.ts";

/** What a verdict rests on. */
export type Undecided = Pick<AuditTestResult, "suspect" | "wrongKeys" | "controls" | "pilotUnits">;

/** A verdict and why, in a sentence. */
export type Decision = Pick<AuditTestResult, "verdict" | "because">;

const decision = (verdict: AuditVerdict, because: string): Decision => ({ verdict, because });

/** A clean model comes out at or below this once in a thousand. Not divided by their number, or further models would quieten a loud one. */
const LOUD = 1e-3;

/** Standard errors by which the mean of wrong keys' z-scores may lie above 0: chance exceeds it once in some three million audits. */
const MOST_SHIFT = 5;

/** How far wrong keys' z-scores lie above 0 on the whole, in standard errors: a null that drifts favours any key. */
function shiftOf({ keys, meanZScore, dispersion }: Undecided["wrongKeys"]): number {
  return meanZScore * Math.sqrt(keys / Math.max(1, dispersion));
}

/** What keeps the controls from being in order, whatever the suspect's p; null if nothing does. `level`: of one test of several. */
function controlFault({ controls }: Undecided, level: number): string | null {
  const loud = controls.find(({ pValue }) => pValue <= Math.max(level, LOUD));
  if (loud !== undefined) {
    return `a ${loud.role} that should be clean comes out at p ${loud.pValue.toPrecision(2)} under the same key: something other than training is at work`;
  }
  const mute = controls.find(({ tokensScored }) => tokensScored < LEAST_UNITS);
  if (mute !== undefined) {
    return `a ${mute.role} (${mute.name}) has only ${mute.tokensScored} unique units, so it controls nothing; at least ${LEAST_UNITS} are wanted`;
  }
  return null;
}

/** What silence says: something only of students that there were units enough to find. */
function decideSilence(result: Undecided): Decision {
  const { suspect, wrongKeys, pilotUnits } = result;
  const silent = "no dependence on the key at the level that was set";
  if (pilotUnits === null) {
    return decision(
      "cannot-tell",
      `${silent}; that is no proof of a clean student: no pilot of the plan says what would have shown`,
    );
  }
  if (suspect.tokensScored < pilotUnits) {
    return decision(
      "cannot-tell",
      `${silent}, but ${suspect.tokensScored} unique units are too few: a student such as the pilots let expect shows with probability ${PILOT_POWER} on ${pilotUnits}`,
    );
  }
  if (wrongKeys.dispersedLog10PValue !== null) {
    return decision(
      "cannot-tell",
      `${silent}, but wrong keys scatter more than the tail allows, so the power that was planned is not there`,
    );
  }
  return decision(
    "no-evidence",
    `${silent}; a student such as the pilots let expect would have shown with probability ${PILOT_POWER} on ${pilotUnits} unique units, and here are ${suspect.tokensScored}. One that learnt less may not, and how much students of one recipe differ is not in that probability`,
  );
}

/**
 * Decides one test of several.
 *
 * @param corrected - the suspect's p, corrected for all tests.
 * @param tests - how many those are.
 */
export function decideVerdict(result: Undecided, corrected: number, alpha: number, tests: number): Decision {
  const { suspect, wrongKeys, pilotUnits } = result;
  if (suspect.tokensScored < LEAST_UNITS) {
    const more = pilotUnits === null ? "" : `, and ${pilotUnits} to find a student such as the pilots let expect`;
    return decision(
      "cannot-tell",
      `only ${suspect.tokensScored} unique units overlap the probe; at least ${LEAST_UNITS} are wanted${more}`,
    );
  }
  const fault = controlFault(result, alpha / tests);
  if (fault !== null) return decision("cannot-tell", fault);
  if (corrected > alpha) return decideSilence(result);
  if (result.controls.length === 0) {
    return decision(
      "cannot-tell",
      "it depends on the key, but no clean model read the same transcripts under the right key, so nothing tells training from a text that leads any reader there; have a clean student or the base model read them",
    );
  }
  if (shiftOf(wrongKeys) > MOST_SHIFT) {
    return decision(
      "cannot-tell",
      `wrong keys score above chance too (mean z ${wrongKeys.meanZScore.toFixed(2)}), so the tail is not the law of this text`,
    );
  }
  const dispersed = wrongKeys.dispersedLog10PValue;
  if (dispersed !== null && dispersed + Math.log10(tests) > Math.log10(alpha)) {
    return decision(
      "cannot-tell",
      "wrong keys scatter more than the tail allows, and with that scatter the evidence is not enough",
    );
  }
  const shallow =
    wrongKeys.keys < USUAL_WRONG_KEYS
      ? `; exploratory, for ${wrongKeys.keys} wrong keys test the tail where ${USUAL_WRONG_KEYS} are usual`
      : "";
  return decision(
    "trained-on-marked",
    `what the suspect prefers depends on the key, at the level that was set after correction for all tests${shallow}`,
  );
}
