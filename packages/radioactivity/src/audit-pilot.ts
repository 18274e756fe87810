import { type AnySchemeConfig, TokenmarkError } from "@tokenmark/core";
import type { AuditMode } from "./audit-mode.ts";

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
