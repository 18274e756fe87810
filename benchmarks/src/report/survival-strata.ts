import type { MeasuredCell } from "../survival/results.ts";

/** Texts of one model and seed, with a score a scheme: text i of every scheme continues the same prompt. */
export interface Stratum {
  readonly model: string;
  readonly seed: string;
  readonly texts: number;
  /** By scheme, then text: share of strengths, mean over attacks, at which the text is found at 1e-3. */
  readonly scores: readonly (readonly number[])[];
}

/** What {@link survivalStrata} gives. */
export interface SurvivalStrata {
  /** The schemes that are compared, in the order given. */
  readonly labels: readonly string[];
  readonly strata: readonly Stratum[];
  readonly leftOut: readonly { readonly label: string; readonly reason: string }[];
  /** Cells of each scheme that entered. */
  readonly places: number;
}

const place = ({ model, attack, strength, seed }: MeasuredCell): string =>
  JSON.stringify([model, seed, attack, strength]);

/**
 * Scores text by text over the cells that every scheme has, for paired comparison. A scheme that has at most half of all cells is
 * left out first, lest it shrink what the others are compared on.
 */
export function survivalStrata(cells: readonly MeasuredCell[], labels: readonly string[]): SurvivalStrata {
  const byScheme = new Map(labels.map((label) => [label, new Map<string, MeasuredCell>()]));
  for (const cell of cells) byScheme.get(cell.scheme)?.set(place(cell), cell);
  const all = [...new Set(cells.map(place))];
  const leftOut: { label: string; reason: string }[] = [];
  const compared = labels.filter((label) => {
    const measured = byScheme.get(label)!.size;
    if (2 * measured > all.length) return true;
    leftOut.push({ label, reason: `${measured} of ${all.length} cells were measured` });
    return false;
  });
  const common = all.filter((key) => compared.every((label) => byScheme.get(label)!.has(key)));
  const groups = new Map<string, string[]>();
  for (const key of common) {
    const [model, seed] = JSON.parse(key) as [string, string];
    const group = JSON.stringify([model, seed]);
    groups.set(group, [...(groups.get(group) ?? []), key]);
  }
  const strata = [...groups].map(([group, keys]) => {
    const [model, seed] = JSON.parse(group) as [string, string];
    const scores = compared.map((label) => textScores(keys.map((key) => byScheme.get(label)!.get(key)!)));
    // Fewer of one scheme: only texts that all have can be paired.
    const texts = Math.min(...scores.map((list) => list.length));
    return Object.freeze({ model, seed, texts, scores });
  });
  return Object.freeze({
    labels: compared,
    strata: strata.filter(({ texts }) => texts > 0),
    leftOut,
    places: common.length,
  });
}

function textScores(cells: readonly MeasuredCell[]): readonly number[] {
  const attacks = [...new Set(cells.map(({ attack }) => attack))];
  const texts = Math.min(...cells.map(({ log10PValues }) => log10PValues.length));
  return Array.from({ length: texts }, (_, text) => {
    const shares = attacks.map((attack) => {
      const here = cells.filter((cell) => cell.attack === attack);
      return here.filter((cell) => cell.log10PValues[text]! <= -3).length / here.length;
    });
    return shares.reduce((a, b) => a + b, 0) / shares.length;
  });
}
