import { textTable } from "../report-table.ts";
import type { SurvivalComparison } from "./compare-results.ts";
import { fixed, signed } from "./figure-text.ts";
import type { Difference } from "./proportion-difference.ts";

/** Whether a difference's interval leaves out 0. */
function standsOut({ lower, upper }: Difference): boolean {
  return lower > 0 || upper < 0;
}

function differenceText(difference: Difference, digits: number): string {
  const { difference: value, lower, upper } = difference;
  return `${signed(value, digits)} (${signed(lower, digits)} to ${signed(upper, digits)})${standsOut(difference) ? " *" : ""}`;
}

/** A comparison as text for a terminal: what was set differently first, then differences, then what only one run has. */
export function formatComparison(comparison: SurvivalComparison): string {
  const { a, b, settings, cells, quality, onlyIn } = comparison;
  const lines = [`a: ${a.suite}, ${a.date}`, `b: ${b.suite}, ${b.date}`, ""];
  if (settings.length === 0) lines.push("Settings are the same.");
  else {
    lines.push(
      "Set differently, which the differences below may be due to:",
      textTable(
        ["setting", "a", "b"],
        settings.map((row) => [row.name, row.a, row.b]),
      ),
    );
  }
  lines.push("");
  if (cells.length === 0) lines.push("No cell was measured in both.");
  else {
    lines.push(
      "Texts found at a false-positive rate of 1e-3, and medians of log10 p; b minus a with 95 % intervals, * where 0 lies outside",
      textTable(
        [
          "model",
          "scheme",
          "attack",
          "strength",
          "length",
          "a",
          "b",
          "difference",
          "median a",
          "median b",
          "difference",
        ],
        cells.map((cell) => [
          cell.model,
          cell.scheme,
          cell.attack,
          cell.strength,
          cell.length,
          `${cell.foundInA.count}/${cell.foundInA.n}`,
          `${cell.foundInB.count}/${cell.foundInB.n}`,
          differenceText(cell.found, 2),
          fixed(cell.medianLog10PValueInA, 1),
          fixed(cell.medianLog10PValueInB, 1),
          differenceText(cell.medianLog10PValue, 1),
        ]),
      ),
      `${cells.filter(({ found }) => standsOut(found)).length} of ${cells.length} differences in texts found stand out; about ${Math.ceil(0.05 * cells.length)} would by chance if nothing had changed.`,
    );
  }
  if (quality.length > 0) {
    lines.push(
      "",
      "Quality, b minus a",
      textTable(
        ["model", "scheme", "measure", "a", "b", "difference"],
        quality.map((row) => [
          row.model,
          row.scheme,
          row.measure,
          row.a.toFixed(3),
          row.b.toFixed(3),
          differenceText(row.change, 3),
        ]),
      ),
    );
  }
  if (onlyIn.length > 0) {
    lines.push(
      "",
      "Measured in one run only",
      textTable(
        ["what", "in", "the other"],
        onlyIn.map((row) => [row.what, row.in, row.otherwise]),
      ),
    );
  }
  return lines.join("\n");
}
