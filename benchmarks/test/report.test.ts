import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { parseHTML } from "linkedom";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { auroc } from "../src/report/auroc.ts";
import { medianDifference } from "../src/report/bootstrap-median.ts";
import { missingGroups } from "../src/report/missing-cells.ts";
import { nullExcesses, placeNullRates, schemeNullRates } from "../src/report/null-rates.ts";
import { pooledQuality } from "../src/report/pooled-quality.ts";
import { strongAttack } from "../src/report/strong-attack.ts";
import { survivalFigures } from "../src/report/survival-figures.ts";
import { tokensForHalfPower } from "../src/report/tokens-for-power.ts";
import { reportFiles, writeReport } from "../src/report/write-report.ts";
import type { SurvivalResults } from "../src/survival/results.ts";
import { survivalExample, weakened, withCells } from "./survival-example.ts";

const example = survivalExample();
describe("figures of survival", () => {
  it("an AUROC of separated values is 1, of equal ones a half, of swapped ones 0", () => {
    expect(auroc([-9, -8], [-1, 0, -2])).toBe(1);
    expect(auroc([-1, -1], [-1, -1, -1])).toBe(0.5);
    expect(auroc([0], [-1, -2])).toBe(0);
    expect(auroc([-3, -1], [-2, -1])).toBe((1 + 1 + 0 + 0.5) / 4);
    expect(auroc([], [-1])).toBeNull();
  });

  it("an AUROC is the share of pairs that are in order", () => {
    const random = seedrandom("auroc");
    const draw = (n: number, most: number): number[] => Array.from({ length: n }, () => -Math.floor(most * random()));
    const marked = draw(37, 8);
    const unmarked = draw(23, 5);
    const pairs = marked.flatMap((m): number[] => unmarked.map((u) => (m < u ? 1 : m === u ? 0.5 : 0)));
    expect(auroc(marked, unmarked)).toBeCloseTo(pairs.reduce((a, b) => a + b, 0) / pairs.length, 12);
  });

  it("pools seeds, and counts a p at the rate itself as found", () => {
    const results = withCells(example, (cell) => ({ ...cell, log10PValues: [-6, -3, -2.9, -1] }));
    const [figure] = survivalFigures(results);
    expect(figure!.seeds).toEqual(["1", "2"]);
    expect(figure!.texts).toBe(8);
    expect(figure!.found.map(({ count }) => count)).toEqual([6, 4, 2]);
    expect(figure!.medianLog10PValue).toBeCloseTo(-2.95, 12);
    expect(figure!.found[1]!.lower).toBeCloseTo(0.2152, 3);
  });

  it("reads tokens for power ½ off a line through the origin, and says where that is beyond the lengths", () => {
    const points = [100, 200, 400].map((length) => ({ length, medianLog10PValue: -length / 50 }));
    expect(tokensForHalfPower(points)).toEqual([
      { rate: 1e-2, tokens: 100, extrapolated: false },
      { rate: 1e-3, tokens: 150, extrapolated: false },
      { rate: 1e-6, tokens: 300, extrapolated: false },
    ]);
    expect(tokensForHalfPower(points.slice(0, 1))!.map((row) => row.extrapolated)).toEqual([false, true, true]);
  });

  it("gives no tokens for power ½ where the median does not fall", () => {
    expect(tokensForHalfPower([50, 100].map((length) => ({ length, medianLog10PValue: -0.3 })))).toBeNull();
    expect(tokensForHalfPower([50, 100].map((length) => ({ length, medianLog10PValue: -100 / length })))).toBeNull();
    expect(tokensForHalfPower([])).toBeNull();
  });

  it("flags a null rate above alpha, and one at alpha it does not", () => {
    const results = withCells(example, (cell) => {
      const tests = 1000;
      const atOrBelow = cell.scheme === "beta" && cell.attack === "delete" ? [30, 1, 0] : [10, 1, 0];
      return { ...cell, unmarked: { tests, atOrBelow }, wrongKey: { tests, atOrBelow } };
    });
    const { examined, excesses } = nullExcesses(placeNullRates(results));
    expect(examined).toBe(4 * 8 * 3 * 3);
    expect(new Set(excesses.map(({ place }) => `${place.scheme} ${place.attack}`))).toEqual(new Set(["beta delete"]));
    for (const { holmPValue } of excesses) expect(holmPValue).toBeLessThan(1e-6);
    const flagged = schemeNullRates(results).flatMap(({ scheme, rates }) => (rates[0]!.tooMany ? [scheme] : []));
    expect(flagged).toEqual(["beta"]);
    expect(reportFiles(results).get("report.md")).toContain("Flagged: beta, delete 0.1, 50 tokens");
  });

  it("a bootstrap interval of medians covers the true difference about as often as it says", () => {
    const random = seedrandom("coverage");
    let covered = 0;
    for (let run = 0; run < 200; run++) {
      const [a, b] = [1, 0].map((shift) => Array.from({ length: 40 }, () => shift + random() + random()));
      const { lower, upper } = medianDifference(a!, b!, random);
      if (lower <= 1 && upper >= 1) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(180);
    expect(covered).toBeLessThan(200);
  });

  it("pools seeds of quality with a narrower interval, perplexities geometrically", () => {
    const row = example.quality[0]!;
    const figure = (mean: number) => ({ mean, lower: mean / 1.1, upper: mean * 1.1 });
    const [pooled] = pooledQuality({
      quality: [
        { ...row, ownPerplexity: figure(10) },
        { ...row, ownPerplexity: figure(40) },
      ],
    });
    expect(pooled!.ownPerplexity!.mean).toBeCloseTo(20, 10);
    expect(pooled!.ownPerplexity!.upper).toBeCloseTo(20 * 1.1 ** Math.SQRT1_2, 10);
  });

  it("singles out the round trip, at a strength that leaves something", () => {
    const figures = survivalFigures(example);
    expect(strongAttack(example, figures)).toEqual({ attack: "round-trip", strength: 0.5 });
    expect(strongAttack(example, figures, { strongAttack: "delete" })!.attack).toBe("delete");
  });
});

describe("the report", () => {
  const files = reportFiles(example);
  const html = files.get("report.html")!;

  it("the same JSON gives the same bytes", () => {
    expect([...reportFiles(JSON.parse(JSON.stringify(example)))]).toEqual([...files]);
  });

  it("writes what it says", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tokenmark-report-"));
    try {
      const paths = await writeReport(example, join(folder, "new"));
      expect(paths).toHaveLength(files.size);
      expect((await readdir(join(folder, "new", "figures"))).sort()).toEqual([
        "adversaries-1-small.svg",
        "frontier-1-small.svg",
        "length-1-small.svg",
        "survival-1-small.svg",
      ]);
      expect(await readFile(join(folder, "new", "report.html"), "utf8")).toBe(html);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("is one page that runs nothing and fetches nothing", () => {
    const { document } = parseHTML(html);
    expect(document.querySelectorAll("script, link, img, iframe, object").length).toBe(0);
    expect(html).not.toMatch(/\s(src|href|on\w+)=/);
    expect(html).not.toContain("url(");
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("every figure has a title and a description, and tells schemes apart by colour, dash and symbol", () => {
    for (const [path, svg] of files) {
      if (!path.endsWith(".svg")) continue;
      const { document } = parseHTML(svg);
      const root = document.querySelector("svg")!;
      for (const id of root.getAttribute("aria-labelledby")!.split(" ")) {
        expect(root.querySelector(`#${id}`)!.textContent.length).toBeGreaterThan(10);
      }
      const attributes = (name: string): Set<string> =>
        new Set([...root.querySelectorAll(`[${name}]`)].map((node) => node.getAttribute(name)!));
      // The first scheme is drawn solid.
      expect(attributes("stroke-dasharray").size).toBe(3);
      for (const colour of ["#0072b2", "#d55e00", "#009e73", "#b8478f"]) expect(attributes("stroke")).toContain(colour);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it("draws a point for every strength, and the texts as written at 0", () => {
    const { document } = parseHTML(files.get("figures/survival-1-small.svg")!);
    const dots = [...document.querySelectorAll("[aria-label=dot] path, [aria-label=dot] circle")];
    // A scheme: strengths 3 + 2 + 2, each panel begun by the texts as written; and a symbol in the legend.
    expect(dots).toHaveLength(4 * (7 + 3 + 1));
  });

  it("a failed cell is shown with its reason, and a skipped one too", () => {
    const results = withCells(example, (cell) => {
      if (cell.scheme === "beta" && cell.attack === "delete" && cell.length === 200)
        return { ...cell, status: "failed", reason: "out of memory" };
      if (cell.attack === "round-trip" && cell.seed === "2")
        return { ...cell, status: "skipped", reason: "no translator" };
      return cell;
    });
    const { document } = parseHTML(reportFiles(results).get("report.html")!);
    const text = document.body.textContent;
    expect(text).toContain("out of memory");
    expect(text).toContain("small, delete; scheme beta; strength 0.1, 0.3, 0.5; length 200; seed 1, 2");
    const tables = [...document.querySelectorAll("table")];
    const attacked = tables.find((table) => table.querySelector("caption")!.textContent.includes("the number behind"))!;
    const beta = [...attacked.querySelectorAll("tr")].find((row) => row.textContent.startsWith("beta"))!;
    expect([...beta.querySelectorAll("td")].map((cell) => cell.textContent)[0]).toBe("failed");
    expect(beta.textContent).toContain("1 seed skipped");
    expect(text).toContain("no translator");
  });

  it("escapes what a label contains", () => {
    const evil = `<script>alert("1")</script> & 'x' | y`;
    const renamed = JSON.parse(JSON.stringify(example).replaceAll('"alpha"', JSON.stringify(evil))) as SurvivalResults;
    const made = reportFiles({ ...renamed, machine: "<img src=x onerror=alert(1)>" });
    for (const [path, text] of made) {
      expect(/<(script|img)/.test(text), path).toBe(false);
      if (path.endsWith(".svg")) {
        expect(text).toContain("&lt;script");
        expect(text).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#\d+;)/);
      }
    }
    expect(parseHTML(made.get("report.html")!).document.querySelectorAll("script").length).toBe(0);
    const widths = made
      .get("report.md")!
      .split("\n")
      .filter((line) => line.startsWith("| ") && line.includes("40/40"))
      .map((line) => line.split(/(?<!\\)\|/).length);
    expect(new Set(widths).size).toBeLessThanOrEqual(3);
  });

  it("lists missing cells one by one where a summary would name too many", () => {
    const results = withCells(example, (cell) =>
      cell.scheme === "beta" && cell.attack === "delete" && `${cell.length}` === `${cell.seed}00`
        ? { ...cell, status: "failed", reason: "threw" }
        : cell,
    );
    const [group, ...others] = missingGroups(results);
    expect([group!.count, group!.what.length, others.length]).toEqual([6, 6, 0]);
    expect(group!.what[1]).toBe("small, delete; scheme beta; strength 0.1; length 200; seed 2");
  });

  it("shows the strength asked for, and refuses one that was not run", () => {
    const markdown = (strengths: Record<string, number>): string =>
      reportFiles(example, { strengths }).get("report.md")!;
    expect(markdown({ delete: 0.1 })).toContain("| scheme | delete 0.1 | copy-paste 0.9 |");
    expect(() => markdown({ delete: 0.2 })).toThrow("strength of delete: wanted one of 0.1, 0.3, 0.5, got 0.2");
    expect(() => reportFiles(example, { strongAttack: "nothing" })).toThrow(TokenmarkError);
  });

  it("says which scheme to choose from the figures alone", () => {
    const markdown = reportFiles(weakened(1.5)).get("report.md")!;
    expect(markdown).toContain("The default is alpha");
    expect(markdown).toMatch(/gamma by 100000 tokens \(0\.80/);
    expect(reportFiles(weakened(0.1)).get("report.md")).toContain("The default is beta");
  });

  it("of a run in which all failed still tells why", () => {
    const results = withCells(example, (cell) => ({ ...cell, status: "failed", reason: "no weights" }));
    const made = reportFiles({ ...results, quality: [], distribution: [], adversaries: [] });
    expect([...made.keys()]).toEqual(["report.html", "report.md"]);
    expect(made.get("report.md")).toContain("no weights");
    expect(made.get("report.md")).toContain("No default follows");
  });
});
