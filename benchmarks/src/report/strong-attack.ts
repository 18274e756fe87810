import type { SurvivalResults } from "../survival/results.ts";
import { attackNames, markingSchemes, type ReportOptions, strengthsOf } from "./report-scope.ts";
import type { SurvivalFigure } from "./survival-figures.ts";

/** An attack at one strength. */
export interface AttackPoint {
  readonly attack: string;
  readonly strength: number;
}

/**
 * The attack that the report singles out, at the greatest strength that leaves any text found (else its greatest): the one asked for, else one named like a round trip through
 * another language, else the one after which the fewest texts are found at 1e-3. Null if no attack was measured.
 */
export function strongAttack(
  results: SurvivalResults,
  figures: readonly SurvivalFigure[],
  { strongAttack: wanted }: ReportOptions = {},
): AttackPoint | null {
  const marking = new Set(markingSchemes(results).map(({ label }) => label));
  const points = attackNames(results).flatMap((attack) => {
    const strengths = strengthsOf(results, attack)
      .toReversed()
      .flatMap((strength) => {
        const here = figures.filter((f) => f.attack === attack && f.strength === strength && marking.has(f.scheme));
        const found = here.reduce((sum, figure) => sum + figure.found[1]!.share, 0) / here.length;
        return here.length === 0 ? [] : [{ attack, strength, found }];
      });
    const telling = strengths.find(({ found }) => found > 0) ?? strengths[0];
    return telling === undefined ? [] : [telling];
  });
  const best =
    points.find(({ attack }) => attack === wanted) ??
    points.find(({ attack }) => /round.?trip|translat/i.test(attack)) ??
    points.reduce<(typeof points)[number] | null>((a, b) => (a === null || b.found < a.found ? b : a), null);
  return best === null ? null : Object.freeze({ attack: best.attack, strength: best.strength });
}
