import { Key } from "@tokenmark/core";
import { describe, expect, it } from "vitest";
import { textTable } from "../src/report-table.ts";
import { measureDetection } from "../src/speed/detection-speed.ts";
import { distinctContexts, measureEngineDetection } from "../src/speed/engine-detection-speed.ts";
import { measureEngineMarking } from "../src/speed/engine-marking-speed.ts";
import { engineTables } from "../src/speed/engine-tables.ts";
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

  it("measures the engines' marks next to their plain paths, and prints a line a row", () => {
    const engineMarking = measureEngineMarking({ dense: [2000], topK: [40], runs: 3, plainRuns: 1 });
    expect(engineMarking.map(({ contract, kind, candidates }) => `${contract} ${kind} ${candidates}`)).toEqual([
      "hf-synthid/cpu-table dense 2000",
      "hf-synthid/cpu-table top-k 40",
      "hf-kgw-lefthash/cpu new list 2000",
      "hf-kgw-lefthash/cpu kept list 2000",
    ]);
    const engineDetection = measureEngineDetection({ tokens: 2000, runs: 1, plainListTokens: 20 });
    expect(engineDetection.map(({ contract }) => contract)).toEqual(["hf-synthid/cpu-table", "hf-kgw-lefthash/cpu"]);
    for (const { speedup } of [...engineMarking, ...engineDetection]) expect(Number.isFinite(speedup)).toBe(true);
    const lines = engineTables({ engineMarking, engineDetection }).join("\n").split("\n");
    expect(lines.filter((line) => line.startsWith("hf-"))).toHaveLength(6);
  });

  it("counts a context once wherever it comes again", () => {
    expect(distinctContexts([1, 2, 1, 2, 1], 1)).toBe(0.5);
    expect(distinctContexts([1, 2, 1, 2, 1], 2)).toBe(2 / 3);
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
