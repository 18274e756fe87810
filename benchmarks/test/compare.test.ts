import { describe, expect, it } from "vitest";
import { compareResults } from "../src/report/compare-results.ts";
import { formatComparison } from "../src/report/comparison-text.ts";
import { proportionDifference } from "../src/report/proportion-difference.ts";
import { survivalExample, withCells } from "./survival-example.ts";

const example = survivalExample();

describe("differences of proportions", () => {
  it("are those that Newcombe published", () => {
    // Newcombe 1998, table II, method 10.
    const published = [
      [56, 70, 48, 80, 0.0524, 0.3339],
      [9, 10, 3, 10, 0.1705, 0.809],
      [5, 56, 0, 29, -0.0381, 0.1926],
      [10, 10, 0, 10, 0.6075, 1],
    ] as const;
    for (const [a, m, b, n, lower, upper] of published) {
      const interval = proportionDifference({ count: a, n: m }, { count: b, n });
      expect(interval.difference).toBeCloseTo(a / m - b / n, 12);
      expect(interval.lower).toBeCloseTo(lower, 4);
      expect(interval.upper).toBeCloseTo(upper, 4);
    }
  });

  it("want a trial on each side", () => {
    expect(() => proportionDifference({ count: 0, n: 0 }, { count: 1, n: 2 })).toThrow(RangeError);
  });
});

describe("a comparison", () => {
  it("of a run with itself finds nothing", () => {
    const { settings, cells, quality, onlyIn } = compareResults(example, example);
    expect([settings, onlyIn]).toEqual([[], []]);
    expect(cells).toHaveLength(4 * 8 * 3);
    for (const { found, medianLog10PValue } of cells) {
      expect([found.difference, medianLog10PValue.difference]).toEqual([0, 0]);
      expect(medianLog10PValue.lower).toBeLessThanOrEqual(0);
      expect(medianLog10PValue.upper).toBeGreaterThanOrEqual(0);
    }
    expect(quality.every(({ change }) => change.difference === 0 && change.lower <= 0 && change.upper >= 0)).toBe(true);
    expect(formatComparison(compareResults(example, example))).toContain("Settings are the same.");
  });

  it("finds the cells in which evidence was lost, and no others", () => {
    const worse = withCells(example, (cell) =>
      cell.scheme === "alpha" && cell.attack === "delete"
        ? { ...cell, log10PValues: cell.log10PValues.map((value) => value / 10) }
        : cell,
    );
    const { cells } = compareResults(example, worse);
    for (const { scheme, attack, length, found, medianLog10PValue } of cells) {
      const changed = scheme === "alpha" && attack === "delete";
      expect(medianLog10PValue.lower > 0).toBe(changed);
      if (changed && length === 200) expect(found.upper).toBeLessThan(0);
      if (!changed) expect(found.difference).toBe(0);
    }
    const text = formatComparison(compareResults(example, worse));
    expect(
      text
        .split("\n")
        .filter((line) => line.includes(" *"))
        .every((line) => /alpha +delete|where 0 lies/.test(line)),
    ).toBe(true);
  });

  it("is repeated to the bit", () => {
    const other = survivalExample("other");
    expect(compareResults(example, other)).toEqual(compareResults(example, other));
  });

  it("lists cells that only one run has, with the other's reason", () => {
    const other = withCells(example, (cell) =>
      cell.scheme === "beta" && cell.attack === "round-trip" && cell.length === 50
        ? { ...cell, status: "skipped", reason: "no translator" }
        : cell,
    );
    const fewer = { ...other, cells: other.cells.filter(({ scheme }) => scheme !== "engine") };
    const { onlyIn, cells } = compareResults(example, fewer);
    expect(cells).toHaveLength(3 * 8 * 3 - 2);
    expect(onlyIn).toHaveLength(8 * 3 + 2);
    expect(onlyIn).toContainEqual({
      what: "small, beta, round-trip 0.5, 50 tokens",
      in: "a",
      otherwise: "skipped: no translator",
    });
    expect(compareResults(fewer, example).onlyIn.every((row) => row.in === "b")).toBe(true);
    expect(formatComparison(compareResults(example, fewer))).toMatch(
      /small, engine, as written, 100 tokens +a +not run/,
    );
  });

  it("names settings that differ before anything else", () => {
    const other = {
      ...example,
      models: example.models.map((model) => ({ ...model, tokenizerSha256: "ef".repeat(32) })),
      settings: { ...example.settings, temperature: 0.7, lengths: [50, 100] },
      schemes: example.schemes.map((scheme) =>
        scheme.label === "alpha" ? { ...scheme, config: { contextWidth: 4, scheme: "gumbel" } } : scheme,
      ),
    };
    const comparison = compareResults(example, other);
    expect(comparison.settings.map(({ name }) => name)).toEqual([
      "model small: tokenizer",
      "lengths",
      "temperature",
      "scheme alpha",
    ]);
    const text = formatComparison(comparison);
    expect(text.indexOf("temperature")).toBeLessThan(text.indexOf("Texts found"));
  });

  it("does not take the order of keys for a difference", () => {
    const other = {
      ...example,
      schemes: example.schemes.map((scheme) =>
        scheme.config === null
          ? scheme
          : { ...scheme, config: Object.fromEntries(Object.entries(scheme.config).reverse()) },
      ),
    };
    expect(compareResults(example, other as typeof example).settings).toEqual([]);
  });
});
