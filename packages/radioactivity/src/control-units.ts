import type { WatermarkScheme } from "@tokenmark/core";
import { knownLaw } from "@tokenmark/detector";
import { normalQuantile } from "@tokenmark/stats";
import { PILOT_POWER } from "./audit-pilot.ts";
import { hasKnownLaw } from "./known-law.ts";
import { unitsNeeded } from "./plan-probe.ts";
import type { TallyTest } from "./test-tally.ts";

const EULER = 0.5772156649;

/**
 * Units on which a control would come out loud nine times in ten if it scored as the suspect does: with fewer its silence says nothing. Without a
 * known law by the suspect's z-score among wrong keys, which grows with the root of the units. Null where the suspect scores no higher than chance.
 *
 * @param level - at which a control is loud.
 */
export function controlUnits(
  scheme: WatermarkScheme,
  { meanScore, zScore, tokensScored }: TallyTest,
  level: number,
): number | null {
  if (hasKnownLaw(scheme)) return unitsNeeded(knownLaw(scheme), meanScore, { alpha: level, power: PILOT_POWER });
  if (!(zScore > 0)) return null;
  // The best of the wrong keys scatters: about the Gumbel law's mean, and by some four tenths of a standard deviation.
  const wanted = normalQuantile(1 - Math.exp(-EULER) * level) + normalQuantile(PILOT_POWER) * Math.hypot(1, 0.4);
  return Math.ceil(tokensScored * (wanted / zScore) ** 2);
}
