import type { SurvivalResults } from "../survival/results.ts";
import { type CellPlace, placeKey } from "./survival-figures.ts";

/** Cells or adversaries that were not measured for one reason. */
export interface MissingGroup {
  readonly status: "failed" | "skipped";
  readonly reason: string;
  /** What is missing, in words. */
  readonly what: readonly string[];
}

/** Everything that was not measured, by reason, failures first. */
export function missingGroups(results: Pick<SurvivalResults, "cells" | "adversaries">): readonly MissingGroup[] {
  const groups = new Map<string, { status: "failed" | "skipped"; reason: string; what: string[] }>();
  const add = (status: "failed" | "skipped", reason: string, what: string): void => {
    const key = JSON.stringify([status, reason]);
    const group = groups.get(key) ?? { status, reason, what: [] };
    group.what.push(what);
    groups.set(key, group);
  };
  for (const cell of results.cells) {
    if (cell.status === "measured") continue;
    const attack = cell.attack === "none" ? "as written" : `${cell.attack} ${cell.strength}`;
    add(cell.status, cell.reason, `${cell.model}, ${cell.scheme}, ${attack}, ${cell.length} tokens, seed ${cell.seed}`);
  }
  for (const point of results.adversaries) {
    if (!("status" in point)) continue;
    const { adversary, model, scheme, tokensSeen, seed } = point;
    add(point.status, point.reason, `${adversary}, ${model}, ${scheme}, ${tokensSeen} tokens seen, seed ${seed}`);
  }
  const rank = { failed: 0, skipped: 1 };
  return [...groups.values()].sort((a, b) => rank[a.status] - rank[b.status]);
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
