import seedrandom from "seedrandom";
import type { MissingCell, SurvivalResults } from "../survival/results.ts";
import { medianDifference } from "./bootstrap-median.ts";
import { type PooledQuality, pooledQuality } from "./pooled-quality.ts";
import { type Difference, type Estimate, estimateDifference, proportionDifference } from "./proportion-difference.ts";
import { type SettingDifference, settingDifferences } from "./setting-differences.ts";
import type { Share } from "./share.ts";
import { type CellPlace, placeKey, type SurvivalFigure, survivalFigures } from "./survival-figures.ts";

/** How survival at one place changed from the first run to the second; all seeds of each pooled. */
export interface CellDifference extends CellPlace {
  /** Texts found at 1e-3. */
  readonly foundInA: Share;
  readonly foundInB: Share;
  /** B minus A, with Newcombe's 95 % interval. */
  readonly found: Difference;
  readonly medianLog10PValueInA: number;
  readonly medianLog10PValueInB: number;
  /** B minus A, below 0 for more evidence in B; 95 % bootstrap interval. */
  readonly medianLog10PValue: Difference;
}

/** How one measure of quality changed. */
export interface QualityDifference {
  readonly model: string;
  readonly scheme: string;
  readonly measure: string;
  readonly a: number;
  readonly b: number;
  /** B minus A, with a 95 % interval from those of both. */
  readonly change: Difference;
}

/** A cell, or a row of quality, that only one of two runs has measured. */
export interface OnlyIn {
  readonly what: string;
  readonly in: "a" | "b";
  /** What the other says: that it did not run it, or why it failed. */
  readonly otherwise: string;
}

/** What changed from one run of the suite, a, to another, b. */
export interface SurvivalComparison {
  readonly a: { readonly suite: string; readonly date: string };
  readonly b: { readonly suite: string; readonly date: string };
  /** What was not the same: read these first, the differences below are theirs too. */
  readonly settings: readonly SettingDifference[];
  readonly cells: readonly CellDifference[];
  readonly quality: readonly QualityDifference[];
  readonly onlyIn: readonly OnlyIn[];
}

/** Compares two runs cell by cell. Samples are treated as independent, which is too cautious for runs with the same prompts and seeds. */
export function compareResults(a: SurvivalResults, b: SurvivalResults): SurvivalComparison {
  const [cellsA, cellsB] = [a, b].map(
    (run) => new Map(survivalFigures(run).map((figure) => [placeKey(figure), figure])),
  );
  // Millions of draws: Alea is several times as fast as the package's default generator.
  const random = seedrandom.alea("compare-results");
  const cells = pairs(cellsA!, cellsB!).map(([first, second]) => cellDifference(first, second, random));
  const [qualityA, qualityB] = [a, b].map(
    (run) => new Map(pooledQuality(run).map((row) => [JSON.stringify([row.model, row.scheme]), row])),
  );
  const ofRun = ({ suite, date }: SurvivalResults) => Object.freeze({ suite, date });
  return Object.freeze({
    a: ofRun(a),
    b: ofRun(b),
    settings: settingDifferences(a, b),
    cells,
    quality: pairs(qualityA!, qualityB!).flatMap(([first, second]) => qualityDifferences(first, second)),
    onlyIn: [
      ...onlyCells("a", cellsA!, cellsB!, b),
      ...onlyCells("b", cellsB!, cellsA!, a),
      ...onlyQuality("a", qualityA!, qualityB!),
      ...onlyQuality("b", qualityB!, qualityA!),
    ],
  });
}

function pairs<Value>(
  a: ReadonlyMap<string, Value>,
  b: ReadonlyMap<string, Value>,
): readonly (readonly [Value, Value])[] {
  return [...a].flatMap(([key, first]) => {
    const second = b.get(key);
    return second === undefined ? [] : [[first, second] as const];
  });
}

function cellDifference(a: SurvivalFigure, b: SurvivalFigure, random: () => number): CellDifference {
  const { model, scheme, attack, strength, length } = a;
  const [foundInA, foundInB] = [a.found[1]!, b.found[1]!];
  return Object.freeze({
    model,
    scheme,
    attack,
    strength,
    length,
    foundInA,
    foundInB,
    found: proportionDifference(foundInB, foundInA),
    medianLog10PValueInA: a.medianLog10PValue,
    medianLog10PValueInB: b.medianLog10PValue,
    medianLog10PValue: medianDifference(b.log10PValues, a.log10PValues, random),
  });
}

function qualityDifferences(a: PooledQuality, b: PooledQuality): readonly QualityDifference[] {
  const [first, second] = [a, b].map(qualityMeasures);
  return [...first!].flatMap(([measure, before]) => {
    const after = second!.get(measure);
    if (after === undefined) return [];
    const change = estimateDifference(after, before);
    return [{ model: a.model, scheme: a.scheme, measure, a: before.value, b: after.value, change }];
  });
}

function qualityMeasures(row: PooledQuality): ReadonlyMap<string, Estimate> {
  const measures = {
    "own perplexity": row.ownPerplexity,
    "judge bits per byte": row.judgeBitsPerByte,
    "judge perplexity": row.judgePerplexity,
    ...Object.fromEntries(row.distinct.map((figure, n) => [`distinct-${n + 1}`, figure])),
    "self-BLEU": row.selfBleu,
    "loop rate": row.loopRate.n === 0 ? null : { ...row.loopRate, mean: row.loopRate.share },
  };
  return new Map(
    Object.entries(measures).flatMap(([name, figure]) =>
      figure === null ? [] : [[name, { value: figure.mean, lower: figure.lower, upper: figure.upper }] as const],
    ),
  );
}

/** A place in words. */
export function describePlace({ model, scheme, attack, strength, length }: CellPlace): string {
  return `${model}, ${scheme}, ${attack === "none" ? "as written" : `${attack} ${strength}`}, ${length} tokens`;
}

function onlyCells(
  run: "a" | "b",
  here: ReadonlyMap<string, SurvivalFigure>,
  there: ReadonlyMap<string, SurvivalFigure>,
  other: SurvivalResults,
): readonly OnlyIn[] {
  return [...here].flatMap(([key, figure]) => {
    if (there.has(key)) return [];
    const missing = other.cells.find(
      (cell): cell is MissingCell => cell.status !== "measured" && placeKey(cell) === key,
    );
    const otherwise = missing === undefined ? "not run" : `${missing.status}: ${missing.reason}`;
    return [Object.freeze({ what: describePlace(figure), in: run, otherwise })];
  });
}

function onlyQuality(
  run: "a" | "b",
  here: ReadonlyMap<string, PooledQuality>,
  there: ReadonlyMap<string, PooledQuality>,
): readonly OnlyIn[] {
  return [...here].flatMap(([key, { model, scheme }]) =>
    there.has(key) ? [] : [Object.freeze({ what: `quality of ${model}, ${scheme}`, in: run, otherwise: "not run" })],
  );
}
