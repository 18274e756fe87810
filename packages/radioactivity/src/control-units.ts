import type { WatermarkScheme } from "@tokenmark/core";
import { knownLaw } from "@tokenmark/detector";
import { PILOT_POWER } from "./audit-pilot.ts";
import { hasKnownLaw } from "./known-law.ts";
import { unitsNeeded } from "./plan-probe.ts";
import type { TallyTest } from "./test-tally.ts";

/**
 * Units on which a control would come out loud nine times in ten if it scored as the suspect does: with fewer its silence says nothing. Null where
 * the law is not known or the suspect scores no higher than chance.
 *
 * @param level - at which a control is loud.
 */
export function controlUnits(scheme: WatermarkScheme, { meanScore }: TallyTest, level: number): number | null {
  if (!hasKnownLaw(scheme)) return null;
  return unitsNeeded(knownLaw(scheme), meanScore, { alpha: level, power: PILOT_POWER });
}
