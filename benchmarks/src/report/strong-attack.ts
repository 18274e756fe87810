import type { SurvivalResults } from "../survival/results.ts";
import { attackNames, markingSchemes, type ReportOptions, strengthsOf } from "./report-scope.ts";
import type { SurvivalFigure } from "./survival-figures.ts";

/** An attack at one strength. */
export interface AttackPoint {
  readonly attack: string;
  readonly strength: number;
}

/**
 * The attack that the report singles out, at its greatest strength: the one asked for, else one named like a round trip through
 * another language, else the one after which the fewest texts are found at 1e-3. Null if no attack was measured.
 */
export function strongAttack(
  results: SurvivalResults,
  figures: readonly SurvivalFigure[],
  { strongAttack: wanted }: ReportOptions = {},
): AttackPoint | null {
  const marking = new Set(markingSchemes(results).map(({ label }) => label));
  const points = attackNames(results).flatMap((attack) => {
    const strength = strengthsOf({ cells: results.cells.filter(({ status }) => status === "measured") }, attack).at(-1);
    if (strength === undefined) return [];
    const here = figures.filter((f) => f.attack === attack && f.strength === strength && marking.has(f.scheme));
    if (here.length === 0) return [];
    const found = here.reduce((sum, figure) => sum + figure.found[1]!.share, 0) / here.length;
    return [{ attack, strength, found }];
  });
  const best =
    points.find(({ attack }) => attack === wanted) ??
    points.find(({ attack }) => /round.?trip|translat/i.test(attack)) ??
    points.reduce<(typeof points)[number] | null>((a, b) => (a === null || b.found < a.found ? b : a), null);
  return best === null ? null : Object.freeze({ attack: best.attack, strength: best.strength });
}
