import { PILOT_POWER } from "./audit-pilot.ts";
import type { AuditTestResult, AuditVerdict } from "./audit-report.ts";
import { LEAST_UNITS } from "./least-units.ts";
import { loudLevel } from "./loud-level.ts";
import type { TallyTest } from "./test-tally.ts";
import { testsTail, USUAL_WRONG_KEYS, type WrongKeyTest } from "./wrong-keys.ts";

/** What a verdict rests on. */
export type Undecided = Pick<
  AuditTestResult,
  "suspect" | "wrongKeys" | "controls" | "controlUnits" | "pilotUnits" | "collected" | "retokenised"
>;

/** A verdict and why, in a sentence. */
export type Decision = Pick<AuditTestResult, "verdict" | "because">;

const decision = (verdict: AuditVerdict, because: string): Decision => ({ verdict, because });

/** Standard errors by which the mean of wrong keys' z-scores may lie above 0: chance exceeds it once in some three million audits. */
const MOST_SHIFT = 5;

/** A z-score that a clean student falls below once in some seven hundred audits; those do from which more of the mark was subtracted than they had learnt. */
const SHUNS = -3;

/** How far wrong keys' z-scores lie above 0 on the whole, in standard errors: a null that drifts favours any key. */
function shiftOf({ keys, meanZScore, dispersion }: WrongKeyTest): number {
  return meanZScore * Math.sqrt(keys / Math.max(1, dispersion));
}

/** What keeps the controls from being in order, whatever the suspect's p; null if nothing does. */
function controlFault({ controls }: Undecided, level: number): string | null {
  const loud = controls.find(({ pValue }) => pValue <= level);
  if (loud !== undefined) {
    return `a ${loud.role} that should be clean comes out at p ${loud.pValue.toPrecision(2)} under the same key: something other than training is at work`;
  }
  const shunning = controls.find(({ zScore }) => zScore < SHUNS);
  if (shunning !== undefined) {
    return `a ${shunning.role} (${shunning.name}) shuns what the key prefers (z ${shunning.zScore.toFixed(1)}), as no clean model does, so it controls nothing`;
  }
  const mute = controls.find(({ tokensScored }) => tokensScored < LEAST_UNITS);
  if (mute !== undefined) {
    return `a ${mute.role} (${mute.name}) has only ${mute.tokensScored} unique units, so it controls nothing; at least ${LEAST_UNITS} are wanted`;
  }
  return null;
}

/** What keeps silence from saying anything, whatever the units; null if nothing does. */
function silenceFault({ wrongKeys, controls, collected }: Undecided): string | null {
  if (collected) {
    return "the answers were collected elsewhere: asked otherwise than the pilots were, such a student may not have shown";
  }
  if (controls.length === 0)
    return "no clean model read the same transcripts under the right key, so nothing shows how any reader scores there";
  if (!testsTail(wrongKeys)) return null;
  if (wrongKeys.keys < USUAL_WRONG_KEYS) {
    return `${wrongKeys.keys} wrong keys do not test the tail, ${USUAL_WRONG_KEYS} do`;
  }
  if (wrongKeys.dispersedLog10PValue !== null) {
    return "wrong keys scatter more than the tail allows, so the power that was planned is not there";
  }
  if (Math.abs(shiftOf(wrongKeys)) > MOST_SHIFT) {
    return `wrong keys do not score at chance (mean z ${wrongKeys.meanZScore.toFixed(2)}), so the tail is not the law of this text`;
  }
  return null;
}

/** What silence says: something only of students that there were units enough to find. */
function decideSilence(result: Undecided): Decision {
  const { suspect, pilotUnits, retokenised } = result;
  if (suspect.zScore < SHUNS) {
    return decision(
      "cannot-tell",
      `it shuns what the key prefers (z ${suspect.zScore.toFixed(1)}), as a student does from whose scores the mark was subtracted; the test looks for the contrary, so its silence says nothing`,
    );
  }
  const silent = "no dependence on the key at the level that was set";
  if (pilotUnits === null) {
    return decision(
      "cannot-tell",
      `${silent}; that is no proof of a clean student: no pilot of the plan says what would have shown${retokenised ? ", for text that was encoded anew only one of such text does" : ""}`,
    );
  }
  if (suspect.tokensScored < pilotUnits) {
    return decision(
      "cannot-tell",
      `${silent}, but ${suspect.tokensScored} unique units are too few: a student such as the pilots let expect shows with probability ${PILOT_POWER} on ${pilotUnits}`,
    );
  }
  const fault = silenceFault(result);
  if (fault !== null) return decision("cannot-tell", `${silent}, but ${fault}`);
  return decision(
    "no-evidence",
    `${silent}; a student such as the pilots let expect would have shown with probability ${PILOT_POWER} on ${pilotUnits} unique units, and here are ${suspect.tokensScored}. One that learnt less may not, and how much students of one recipe differ is not in that probability`,
  );
}

/** What is wrong with controls that are quiet, now that the suspect is not; null if nothing is. */
function quietFault({ suspect, controls, controlUnits }: Undecided): string | null {
  if (controls.length === 0) {
    return "no clean model read the same transcripts under the right key, so nothing tells training from a text that leads any reader there; have a clean student or the base model read them";
  }
  const wanted = Math.max(LEAST_UNITS, controlUnits ?? suspect.tokensScored);
  const most = Math.max(...controls.map(({ tokensScored }) => tokensScored));
  if (most >= wanted) return null;
  return `no control has units enough (${most}) to be loud if it scored as the suspect does, which takes ${wanted}: their silence says nothing`;
}

/** What wrong keys say against the tail; null if nothing. */
function tailFault({ wrongKeys }: Undecided, alpha: number, tests: number): string | null {
  if (!testsTail(wrongKeys)) return null;
  const { keys, meanZScore, dispersedLog10PValue: dispersed } = wrongKeys;
  if (shiftOf(wrongKeys) > MOST_SHIFT) {
    return `wrong keys score above chance too (mean z ${meanZScore.toFixed(2)}), so the tail is not the law of this text`;
  }
  if (dispersed !== null && dispersed + Math.log10(tests) > Math.log10(alpha)) {
    return "wrong keys scatter more than the tail allows, and with that scatter the evidence is not enough";
  }
  if (keys < USUAL_WRONG_KEYS) {
    return `that is exploratory: ${keys} wrong keys do not test the tail, ${USUAL_WRONG_KEYS} do`;
  }
  return null;
}

/** How p was got where it is not the law's own tail. */
function tailClause({ tail }: TallyTest, { wrongKeys }: Undecided): string {
  if (!testsTail(wrongKeys))
    return `; p is the rank among ${wrongKeys.keys} wrong keys, since the mark has no known law`;
  if (tail === "exact") return "";
  return tail === "chernoff"
    ? "; p is an upper bound of the law's tail (Chernoff)"
    : `; p is the law's tail by its ${tail} approximation`;
}

/**
 * Decides one test of several.
 *
 * @param corrected - the suspect's p, corrected for all tests.
 * @param tests - how many those are.
 */
export function decideVerdict(result: Undecided, corrected: number, alpha: number, tests: number): Decision {
  const { suspect, pilotUnits } = result;
  if (suspect.tokensScored < LEAST_UNITS) {
    const more = pilotUnits === null ? "" : `, and ${pilotUnits} to find a student such as the pilots let expect`;
    return decision(
      "cannot-tell",
      `only ${suspect.tokensScored} unique units overlap the probe; at least ${LEAST_UNITS} are wanted${more}`,
    );
  }
  const fault = controlFault(result, loudLevel(alpha, tests));
  if (fault !== null) return decision("cannot-tell", fault);
  if (corrected > alpha) return decideSilence(result);
  const against = quietFault(result) ?? tailFault(result, alpha, tests);
  if (against !== null) return decision("cannot-tell", `it depends on the key, but ${against}`);
  return decision(
    "trained-on-marked",
    `what the suspect prefers depends on the key, at the level that was set after correction for all tests${tailClause(suspect, result)}`,
  );
}
