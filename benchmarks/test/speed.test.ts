import { Key } from "@tokenmark/core";
import { describe, expect, it } from "vitest";
import { textTable } from "../src/report-table.ts";
import { measureDetection } from "../src/speed/detection-speed.ts";
import { measureMarking } from "../src/speed/marking-speed.ts";
import { median, timePaired } from "../src/timing.ts";

describe("the speed benchmark", () => {
  it("measures every scheme at every size, and figures are finite", () => {
    const rows = measureMarking(Key.random(), { dense: [2000], topK: [40], runs: 3 });
    expect(new Set(rows.map((row) => row.scheme)).size).toBe(7);
    expect(rows).toHaveLength(14);
    for (const row of rows) expect(Number.isFinite(row.milliseconds)).toBe(true);
    for (const row of measureDetection(Key.random(), { tokens: 2000, runs: 1 }))
      expect(row.millionTokensPerSecond).toBeGreaterThan(0);
  });

  it("takes true medians and paired differences", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    const order: string[] = [];
    timePaired(
      () => void order.push("a"),
      () => void order.push("b"),
      { runs: 2 },
    );
    expect(order.join("")).toBe("ababababab");
  });

  it("aligns numbers to the right", () => {
    expect(
      textTable(
        ["name", "n"],
        [
          ["a", 5],
          ["bb", 10],
        ],
      ),
    ).toBe("name   n\n----  --\na      5\nbb    10");
  });
});
