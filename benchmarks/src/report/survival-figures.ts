import { type CellId, FALSE_POSITIVE_RATES, type MeasuredCell, type SurvivalResults } from "../survival/results.ts";
import { median } from "../timing.ts";
import { auroc } from "./auroc.ts";
import { type Share, wilsonShare } from "./share.ts";

/** What several seeds' cells have in common. */
export type CellPlace = Omit<CellId, "seed">;

/** One model, scheme, attack, strength and length, all measured seeds pooled. */
export interface SurvivalFigure extends CellPlace {
  /** Seeds that were measured. */
  readonly seeds: readonly string[];
  readonly texts: number;
  /** Marked texts found at each of {@link FALSE_POSITIVE_RATES}, with Wilson's interval. */
  readonly found: readonly Share[];
  readonly medianLog10PValue: number;
  readonly medianTokensScored: number;
  /** Against unmarked texts after the same attack; null without any. */
  readonly auroc: number | null;
  /** Means over the texts. */
  readonly editDistance: number;
  readonly ngramSurvival: readonly number[];
  /** Texts' log10 p, seed by seed in the order of `seeds`. */
  readonly log10PValues: readonly number[];
}

/** The name of a place, equal for two places of the same model, scheme, attack, strength and length. */
export function placeKey({ model, scheme, attack, strength, length }: CellPlace): string {
  return JSON.stringify([model, scheme, attack, strength, length]);
}

/** Measured cells by place: in the order of the results, seeds sorted, so that the order in which a run ended says nothing. */
export function measuredPlaces(results: Pick<SurvivalResults, "cells">): ReadonlyMap<string, readonly MeasuredCell[]> {
  const places = new Map<string, MeasuredCell[]>();
  for (const cell of results.cells) {
    if (cell.status !== "measured") continue;
    const key = placeKey(cell);
    const here = places.get(key);
    if (here === undefined) places.set(key, [cell]);
    else here.push(cell);
  }
  for (const cells of places.values()) cells.sort((a, b) => (a.seed < b.seed ? -1 : a.seed > b.seed ? 1 : 0));
  return places;
}

/** Survival of every place that was measured. */
export function survivalFigures(results: Pick<SurvivalResults, "cells">): readonly SurvivalFigure[] {
  return [...measuredPlaces(results).values()].map(poolCells);
}

/** Texts whose log10 p is at or below each of {@link FALSE_POSITIVE_RATES}. */
export function foundAtRates(log10PValues: readonly number[]): readonly Share[] {
  return FALSE_POSITIVE_RATES.map((rate) => {
    const threshold = Math.log10(rate);
    return wilsonShare(log10PValues.filter((value) => value <= threshold).length, log10PValues.length);
  });
}

function poolCells(cells: readonly MeasuredCell[]): SurvivalFigure {
  const { model, scheme, attack, strength, length } = cells[0]!;
  const log10PValues = cells.flatMap((cell) => cell.log10PValues);
  const texts = log10PValues.length;
  const mean = (of: (cell: MeasuredCell) => number): number =>
    cells.reduce((sum, cell) => sum + cell.log10PValues.length * of(cell), 0) / texts;
  return Object.freeze({
    model,
    scheme,
    attack,
    strength,
    length,
    seeds: cells.map(({ seed }) => seed),
    texts,
    found: foundAtRates(log10PValues),
    medianLog10PValue: median(log10PValues),
    medianTokensScored: median(cells.flatMap((cell) => cell.tokensScored)),
    auroc: auroc(
      log10PValues,
      cells.flatMap((cell) => cell.nullLog10PValues),
    ),
    editDistance: mean(({ change }) => change.editDistance),
    ngramSurvival: cells[0]!.change.ngramSurvival.map((_, n) => mean(({ change }) => change.ngramSurvival[n] ?? 0)),
    log10PValues,
  });
}
