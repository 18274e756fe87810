import { clopperPearson, holm, logBinomialUpperTail } from "@tokenmark/stats";
import { FALSE_POSITIVE_RATES, type MeasuredCell, type SurvivalResults, type TailCounts } from "../survival/results.ts";
import { groupBy } from "./group-by.ts";
import type { Share } from "./share.ts";
import { type CellPlace, measuredPlaces } from "./survival-figures.ts";

/** How often texts without the tested key's mark came out at or below one nominal rate. */
export interface NullRate {
  /** The nominal rate α. */
  readonly rate: number;
  /** Unmarked texts and wrong keys together, with Clopper and Pearson's 95 % interval. */
  readonly pooled: Share;
  readonly unmarked: Share;
  readonly wrongKey: Share;
  /** Whether the pooled interval lies above α: more false alarms than promised. */
  readonly tooMany: boolean;
}

/** False-alarm rates of one place, all seeds pooled; one item a rate of {@link FALSE_POSITIVE_RATES}. */
export interface PlaceNullRates extends CellPlace {
  readonly rates: readonly NullRate[];
}

/** False-alarm rates of one model and scheme, everything pooled. */
export interface SchemeNullRates {
  readonly model: string;
  readonly scheme: string;
  readonly rates: readonly NullRate[];
}

/** A share with Clopper and Pearson's 95 % interval; of no trials the share is NaN and the interval all of [0, 1]. */
export function exactShare(count: number, n: number): Share {
  return Object.freeze(
    n === 0
      ? { count, n, share: Number.NaN, lower: 0, upper: 1 }
      : { count, n, share: count / n, ...clopperPearson(count, n, 0.95) },
  );
}

/** False-alarm rates of every measured place. */
export function placeNullRates(results: Pick<SurvivalResults, "cells">): readonly PlaceNullRates[] {
  return [...measuredPlaces(results).values()].map((cells) => {
    const { model, scheme, attack, strength, length } = cells[0]!;
    return Object.freeze({ model, scheme, attack, strength, length, rates: nullRates(cells) });
  });
}

/**
 * False-alarm rates of every model and scheme over all attacks, strengths, lengths and seeds. Tests of one text after several
 * attacks are not independent, so these intervals are narrower than they ought to be.
 */
export function schemeNullRates(results: Pick<SurvivalResults, "cells">): readonly SchemeNullRates[] {
  const cells = [...measuredPlaces(results).values()].flat();
  return groupBy(cells, ({ model, scheme }) => JSON.stringify([model, scheme])).map((cells) => {
    const { model, scheme } = cells[0]!;
    return Object.freeze({ model, scheme, rates: nullRates(cells) });
  });
}

/** Too many false alarms in one place at one rate. */
export interface NullExcess {
  readonly place: CellPlace;
  readonly rate: NullRate;
  /** Exact one-sided p of so many false alarms, corrected by Holm's method for all places and rates. */
  readonly holmPValue: number;
}

/** The places whose interval lies above the nominal rate, out of how many place-and-rate pairs that had tests. */
export function nullExcesses(places: readonly PlaceNullRates[]): {
  readonly examined: number;
  readonly excesses: readonly NullExcess[];
} {
  const tested = places.flatMap((place) =>
    place.rates.filter(({ pooled }) => pooled.n > 0).map((rate) => ({ place, rate })),
  );
  const corrected = holm(
    tested.map(({ rate: { rate, pooled } }) =>
      Math.min(1, Math.exp(logBinomialUpperTail(pooled.count, pooled.n, rate))),
    ),
  );
  const excesses = tested
    .map(({ place, rate }, i) => Object.freeze({ place, rate, holmPValue: corrected[i]! }))
    .filter(({ rate }) => rate.tooMany);
  return Object.freeze({ examined: tested.length, excesses });
}

function nullRates(cells: readonly MeasuredCell[]): readonly NullRate[] {
  const count = (pick: (cell: MeasuredCell) => TailCounts, index: number): readonly [number, number] => [
    cells.reduce((sum, cell) => sum + (pick(cell).atOrBelow[index] ?? 0), 0),
    cells.reduce((sum, cell) => sum + pick(cell).tests, 0),
  ];
  return FALSE_POSITIVE_RATES.map((rate, index) => {
    const unmarked = count((cell) => cell.unmarked, index);
    const wrongKey = count((cell) => cell.wrongKey, index);
    const pooled = exactShare(unmarked[0] + wrongKey[0], unmarked[1] + wrongKey[1]);
    return Object.freeze({
      rate,
      pooled,
      unmarked: exactShare(...unmarked),
      wrongKey: exactShare(...wrongKey),
      tooMany: pooled.lower > rate,
    });
  });
}
