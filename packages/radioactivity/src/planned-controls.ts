import { TokenmarkError } from "@tokenmark/core";
import type { AuditPlan } from "./audit-plan.ts";

/** Controls that are at hand. */
export interface ControlCount {
  readonly cleanStudents: number;
  readonly baseModels: number;
}

/**
 * Refuses a run that lacks a control which its plan promised: a control that is left out once the result is known controls nothing. More
 * than were planned may run. Needs no key, so call it before one is read.
 *
 * @param where - what the controls are for, for the message; "" for the whole plan.
 * @throws TokenmarkError `bad-argument`.
 */
export function checkPlannedControls({ controls }: AuditPlan, given: ControlCount, where = ""): void {
  const { cleanStudents, baseModel } = controls;
  const forWhat = where === "" ? "" : ` for ${where}`;
  if (given.cleanStudents < cleanStudents.length) {
    throw new TokenmarkError(
      "bad-argument",
      `controls: wanted as many clean students as the plan names (${cleanStudents.length}: ${cleanStudents.join(", ")})${forWhat}, got ${given.cleanStudents}; a plan is run whole`,
    );
  }
  if (baseModel !== null && given.baseModels === 0) {
    throw new TokenmarkError(
      "bad-argument",
      `controls: wanted the plan's base model (${baseModel})${forWhat}, got none; a plan is run whole`,
    );
  }
}
