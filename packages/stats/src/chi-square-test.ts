import { logGammaUpperTail } from "./log-gamma-tail.ts";

/** Options of {@link chiSquareTest}. */
export interface ChiSquareOptions {
  /**
   * Cells are pooled with their neighbours until each expects at least this many.
   *
   * @defaultValue 5
   */
  readonly minExpected?: number;
  /**
   * Parameters estimated from the same data; each costs a degree of freedom.
   *
   * @defaultValue 0
   */
  readonly estimated?: number;
}

/** Pearson's test of observed against expected counts. */
export interface ChiSquareResult {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  /** How many of the given cells were merged into a neighbour; 0 if every cell expected enough. */
  readonly pooledCells: number;
}

/**
 * Pearson's chi-square test for counts in ordered cells. Thin cells, usually in the tails, are pooled with their
 * neighbours first, because the chi-square law of the statistic needs every expected count to be about 5 or more
 * (Cochran 1954, "Some methods for strengthening the common χ² tests").
 *
 * @throws RangeError if the lengths differ, a count is negative or not finite, the totals differ by more than 1e-6
 * (relative), or fewer than two cells are left after pooling.
 */
export function chiSquareTest(
  observed: ArrayLike<number>,
  expected: ArrayLike<number>,
  { minExpected = 5, estimated = 0 }: ChiSquareOptions = {},
): ChiSquareResult {
  requireCells(observed, expected);
  const cells: { seen: number; due: number }[] = [];
  let seen = 0;
  let due = 0;
  for (let i = 0; i < observed.length; i++) {
    seen += observed[i]!;
    due += expected[i]!;
    if (due > 0 && due >= minExpected) {
      cells.push({ seen, due });
      seen = 0;
      due = 0;
    }
  }
  const last = cells[cells.length - 1];
  if (last !== undefined) {
    last.seen += seen;
    last.due += due;
  }
  const degreesOfFreedom = cells.length - 1 - estimated;
  if (degreesOfFreedom < 1) {
    throw new RangeError(
      `expected: wanted at least ${2 + estimated} cells after pooling to ${minExpected}, got ${cells.length}`,
    );
  }
  const statistic = cells.reduce((sum, cell) => sum + (cell.seen - cell.due) ** 2 / cell.due, 0);
  return {
    statistic,
    degreesOfFreedom,
    pValue: Math.exp(logGammaUpperTail(degreesOfFreedom / 2, statistic / 2)),
    pooledCells: observed.length - cells.length,
  };
}

function requireCells(observed: ArrayLike<number>, expected: ArrayLike<number>): void {
  if (observed.length !== expected.length) {
    throw new RangeError(`expected.length: wanted ${observed.length} like the observed cells, got ${expected.length}`);
  }
  let seen = 0;
  let due = 0;
  for (let i = 0; i < observed.length; i++) {
    for (const [name, value] of [
      ["observed", observed[i]!],
      ["expected", expected[i]!],
    ] as const) {
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        throw new RangeError(`${name}[${i}]: wanted a finite count of at least 0, got ${value}`);
      }
    }
    seen += observed[i]!;
    due += expected[i]!;
  }
  if (Math.abs(seen - due) > 1e-6 * Math.max(seen, due)) {
    throw new RangeError(`expected: wanted a total of ${seen} like the observed counts, got ${due}`);
  }
}
