import { describe, expect, it } from "vitest";
import { chooseDefault } from "../src/report/choose-default.ts";
import type { SurvivalResults } from "../src/survival/results.ts";
import { survivalExample, weakened, withCells } from "./survival-example.ts";

const example = survivalExample();
/** What makes a measured cell that cell, apart from its scheme. */
const keyless = {
  log10PValues: [],
  nullLog10PValues: [],
  tokensScored: [],
  change: null,
  unmarked: null,
  wrongKey: null,
};

describe("the default", () => {
  it("is the own scheme without distortion that survives best", () => {
    const choice = chooseDefault(weakened(1.5));
    expect(choice.label).toBe("alpha");
    expect(choice.ties).toEqual([]);
    expect(choice.candidates.map(({ label }) => label)).toEqual(["alpha", "beta"]);
    expect(choice.excluded.map(({ label }) => label)).toEqual(["gamma", "engine"]);
    expect(choice.reasons[0]).toContain("alpha is found in");
    expect(chooseDefault(weakened(0.3)).label).toBe("beta");
  });

  it("names a tie where the paired interval includes 0", () => {
    const twins = withCells(example, (cell) => {
      if (cell.scheme !== "beta") return cell;
      const twin = example.cells.find(
        ({ scheme, attack, strength, length, seed }) =>
          scheme === "alpha" &&
          attack === cell.attack &&
          strength === cell.strength &&
          length === cell.length &&
          seed !== cell.seed,
      )!;
      return twin.status === "measured" ? { ...twin, scheme: "beta", seed: cell.seed } : cell;
    });
    const choice = chooseDefault(twins);
    expect(choice.ties).toHaveLength(1);
    expect(choice.reasons.join(" ")).toContain("a tie");
  });

  it("among schemes that tie is the one that answers one prompt in more ways", () => {
    const quality = (beta: number): SurvivalResults["quality"] =>
      example.quality.map((row) => {
        const mean = row.scheme === "alpha" ? 0.9 : row.scheme === "beta" ? beta : row.selfBleu.mean;
        return { ...row, selfBleu: { mean, lower: mean - 0.01, upper: mean + 0.01 } };
      });
    const same = withCells(example, (cell) => {
      const twin = example.cells.find(
        (other) =>
          JSON.stringify({ ...other, scheme: "", ...keyless }) ===
            JSON.stringify({ ...cell, scheme: "", ...keyless }) && other.scheme === "alpha",
      );
      return cell.scheme === "beta" && twin !== undefined ? { ...twin, scheme: "beta" } : cell;
    });
    const varied = chooseDefault({ ...same, quality: quality(0.3) });
    const alike = chooseDefault({ ...same, quality: quality(0.895) });
    const [leader] = alike.candidates;
    expect(alike.label).toBe(leader!.label);
    expect(varied.label).toBe("beta");
    expect(varied.ties).toEqual(["alpha"]);
    expect(varied.reasons[0]).toContain("self-BLEU 0.30 against 0.90");
  });

  it("never is a scheme whose claim was not tested, or only where nothing could be seen", () => {
    const without = example.distribution.filter(({ scheme }) => scheme !== "alpha");
    const blind = example.distribution.map((row) => (row.scheme === "alpha" ? { ...row, contexts: 0 } : row));
    for (const distribution of [without, blind]) {
      const choice = chooseDefault({ ...weakened(1.5), distribution });
      expect(choice.label).not.toBe("alpha");
      expect(choice.excluded).toContainEqual({ label: "alpha", reason: "its claim of no distortion was not tested" });
    }
  });

  it("never is a scheme that the distribution test rejects", () => {
    const rejected = example.distribution.map((row) => (row.scheme === "alpha" ? { ...row, rejected: 1 } : row));
    const choice = chooseDefault({ ...weakened(1.5), distribution: rejected });
    expect(choice.label).toBe("beta");
    expect(choice.reasons.join(" ")).toContain("the distribution test rejects it in 1 of 10 contexts");
  });

  it("compares over the cells that all candidates have", () => {
    const hard = (results: SurvivalResults): SurvivalResults =>
      withCells(results, (cell) =>
        cell.scheme === "beta" && cell.attack === "copy-paste" ? { ...cell, status: "failed", reason: "threw" } : cell,
      );
    expect(chooseDefault(hard(weakened(1.5))).candidates[0]!.label).toBe("alpha");
    const lost = withCells(example, (cell) =>
      cell.scheme === "beta" ? { ...cell, status: "failed", reason: "threw" } : cell,
    );
    expect(chooseDefault(lost).excluded).toContainEqual({ label: "beta", reason: "0 of 14 cells were measured" });
  });

  it("is nothing where nothing was measured", () => {
    const none = chooseDefault({ ...example, cells: [] });
    expect([none.label, none.candidates.length]).toEqual([null, 0]);
  });
});
