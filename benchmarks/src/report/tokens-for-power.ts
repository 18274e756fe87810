import { FALSE_POSITIVE_RATES } from "../survival/results.ts";
import type { SurvivalFigure } from "./survival-figures.ts";

/** Tokens at which half of the marked texts are found, at one false-positive rate. */
export interface TokensForPower {
  readonly rate: number;
  /** Tokens as written, rounded up. */
  readonly tokens: number;
  /** Shorter than every measured length, or longer: then only the straight line speaks for it. */
  readonly extrapolated: boolean;
}

/**
 * Tokens needed to find half of the marked texts at each of {@link FALSE_POSITIVE_RATES}: the median of −log10 p over the lengths is
 * fitted by a line through the origin, weighted equally (least squares: slope = Σ length·median / Σ length²), and the answer is
 * −log10 α over the slope. Evidence of independent units adds up, so a line is the right shape in the long run; below some
 * tens of tokens it is rough.
 *
 * Null where the median does not fall: at the greatest length it is not below that of the least, or not below log10 ½, which
 * unmarked text gives.
 *
 * @param figures - one model, scheme, attack and strength, at any number of lengths.
 */
export function tokensForHalfPower(
  figures: readonly Pick<SurvivalFigure, "length" | "medianLog10PValue">[],
): readonly TokensForPower[] | null {
  const points = [...figures].sort((a, b) => a.length - b.length);
  const [least, greatest] = [points[0], points.at(-1)];
  if (least === undefined || greatest === undefined) return null;
  if (!(greatest.medianLog10PValue < Math.log10(0.5))) return null;
  if (points.length > 1 && !(greatest.medianLog10PValue < least.medianLog10PValue)) return null;
  const products = points.reduce((sum, { length, medianLog10PValue }) => sum - length * medianLog10PValue, 0);
  const slope = products / points.reduce((sum, { length }) => sum + length * length, 0);
  if (!(slope > 0)) return null;
  return FALSE_POSITIVE_RATES.map((rate) => {
    const tokens = Math.ceil(-Math.log10(rate) / slope);
    return Object.freeze({ rate, tokens, extrapolated: tokens < least.length || tokens > greatest.length });
  });
}
