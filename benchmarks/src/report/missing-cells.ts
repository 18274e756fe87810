import type { SurvivalResults } from "../survival/results.ts";
import { groupBy } from "./group-by.ts";
import { type CellPlace, placeKey } from "./survival-figures.ts";

/** Cells or adversaries that were not measured for one reason. */
export interface MissingGroup {
  readonly status: "failed" | "skipped";
  readonly reason: string;
  /** Cells, points of an adversary's curve, or figures of quality and distribution. */
  readonly count: number;
  /** What is missing, in words. */
  readonly what: readonly string[];
}

/** Everything that was not measured, by reason, failures first. */
export function missingGroups(
  results: Pick<SurvivalResults, "cells" | "adversaries" | "failures">,
): readonly MissingGroup[] {
  const missing = [
    ...results.cells.flatMap((cell) => {
      if (cell.status === "measured") return [];
      const { model, attack, scheme, strength, length, seed, status, reason } = cell;
      const parts = { scheme, strength: String(strength), length: String(length), seed };
      return [{ status, reason, of: `${model}, ${attack === "none" ? "as written" : attack}`, parts }];
    }),
    ...results.adversaries.flatMap((point) => {
      if (!("status" in point)) return [];
      const { adversary, model, scheme, tokensSeen, seed, status, reason } = point;
      return [
        { status, reason, of: `${model}, ${adversary}`, parts: { scheme, "tokens seen": String(tokensSeen), seed } },
      ];
    }),
    ...results.failures.map(({ part, model, scheme, seed, reason }) => ({
      status: "failed" as const,
      reason,
      of: `${model}, ${part}`,
      parts: { scheme, seed },
    })),
  ];
  const groups = groupBy(missing, ({ status, reason }) => JSON.stringify([status, reason])).map((rows) => ({
    status: rows[0]!.status,
    reason: rows[0]!.reason,
    count: rows.length,
    what: groupBy(rows, ({ of }) => of).flatMap((same) =>
      summarise(
        same[0]!.of,
        same.map(({ parts }) => parts),
      ),
    ),
  }));
  const rank = { failed: 0, skipped: 1 };
  return groups.sort((a, b) => rank[a.status] - rank[b.status]);
}

/** One phrase if the rows are all combinations of their values; else a phrase a row, for a summary would name too many. */
function summarise(of: string, rows: readonly Readonly<Record<string, string>>[]): readonly string[] {
  const phrase = (values: (name: string) => readonly string[]): string =>
    [of, ...Object.keys(rows[0]!).map((name) => `${name} ${values(name).join(", ")}`)].join("; ");
  const distinct = (name: string): readonly string[] => [...new Set(rows.map((row) => row[name]!))];
  const combinations = Object.keys(rows[0]!).reduce((product, name) => product * distinct(name).length, 1);
  return combinations === rows.length ? [phrase(distinct)] : rows.map((row) => phrase((name) => [row[name]!]));
}

/** How many seeds of each place were not measured, and the word for it: "failed" if any failed. */
export function missingPlaces({
  cells,
}: Pick<SurvivalResults, "cells">): ReadonlyMap<
  string,
  { readonly status: "failed" | "skipped"; readonly seeds: number }
> {
  const places = new Map<string, { status: "failed" | "skipped"; seeds: number }>();
  for (const cell of cells) {
    if (cell.status === "measured") continue;
    const before = places.get(placeKey(cell));
    const status = before?.status === "failed" ? "failed" : cell.status;
    places.set(placeKey(cell), { status, seeds: (before?.seeds ?? 0) + 1 });
  }
  return places;
}

/** What a table shows for a place: the figure, marked where seeds lack, or the word for why there is none. */
export function cellText(place: CellPlace, measured: string | null, missing: ReturnType<typeof missingPlaces>): string {
  const gap = missing.get(placeKey(place));
  if (measured === null) return gap?.status ?? "not run";
  return gap === undefined ? measured : `${measured}; ${gap.seeds} ${gap.seeds === 1 ? "seed" : "seeds"} ${gap.status}`;
}
