import type { WatermarkScheme } from "@tokenmark/core";
import { knownLaw } from "@tokenmark/detector";
import { upperTail } from "@tokenmark/stats";
import type { TallyTest } from "./test-tally.ts";

/** Farther than what the tail takes for one value, nearer than any law's next one. */
const STEP = 1e-6;

/**
 * P(more than the statistic) + `uniform` · P(just the statistic): uniform under the null for discrete laws too, where the p-value itself is larger
 * than uniform. For comparing many p-values with uniform; evidence is the p-value.
 *
 * @param uniform - drawn from [0, 1).
 */
export function randomisedPValue(
  scheme: WatermarkScheme,
  { tokensScored, statistic, pValue }: TallyTest,
  uniform: number,
): number {
  if (tokensScored === 0) return uniform;
  const { log10PValue } = upperTail(
    knownLaw(scheme),
    tokensScored,
    statistic + STEP * Math.max(1, Math.abs(statistic)),
  );
  const above = Math.min(pValue, 10 ** log10PValue);
  return above + uniform * (pValue - above);
}
