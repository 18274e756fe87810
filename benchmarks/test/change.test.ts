import type { TextTokenizer } from "@tokenmark/core";
import { describe, expect, it } from "vitest";
import { measureChange } from "../src/attacks/change.ts";

/** A token a letter, so that n-grams can be counted by hand. */
const letters: TextTokenizer = {
  encode: (text) => Array.from(text, (letter) => letter.codePointAt(0)!),
  decode: (ids) => String.fromCodePoint(...Array.from(ids)),
};

describe("measureChange", () => {
  it("finds none between equal texts, even empty ones", () => {
    const texts = ["the cat sat", "", "one"];
    expect(measureChange(texts, texts, letters)).toEqual({ editDistance: 0, ngramSurvival: [1, 1, 1, 1, 1] });
  });

  it("counts words inserted, deleted and replaced over the larger number of words", () => {
    const distance = (before: string, after: string) => measureChange([before], [after], letters).editDistance;
    expect(distance("the cat sat", "the cat sat down")).toBe(1 / 4);
    expect(distance("the cat sat down", "the sat down")).toBe(1 / 4);
    expect(distance("the cat sat", "the dog sat")).toBe(1 / 3);
    expect(distance("the cat sat", "the cat  sat\n")).toBe(0);
    expect(distance("a b c d", "b a c d")).toBe(2 / 4);
    expect(distance("a b", "")).toBe(1);
    expect(distance("", "a b")).toBe(1);
    expect(distance("a b c", "x y z w")).toBe(1);
  });

  it("agrees with Wagner and Fischer's table on long texts", () => {
    let state = 1;
    const word = () => {
      state = (state * 48_271) % 2_147_483_647;
      return `w${state % 40}`;
    };
    const a = Array.from({ length: 300 }, word);
    const b = a.flatMap((own, i) => (i % 7 === 0 ? [] : i % 5 === 0 ? [own, word()] : i % 11 === 0 ? [word()] : [own]));
    let row = b.map((_, j) => j + 1);
    a.forEach((own, i) => {
      let [diagonal, left] = [i, i + 1];
      row = row.map((above, j) => {
        const best = Math.min(above + 1, left + 1, diagonal + (own === b[j] ? 0 : 1));
        [diagonal, left] = [above, best];
        return best;
      });
    });
    const wanted = row.at(-1)! / Math.max(a.length, b.length);
    expect(wanted).toBeGreaterThan(0.1);
    expect(measureChange([a.join(" ")], [b.join(" ")], letters).editDistance).toBe(wanted);
  });

  it("counts each of the original's distinct n-grams once, wherever it stands afterwards", () => {
    // abcab: {a, b, c}, {ab, bc, ca}, {abc, bca, cab}, {abca, bcab}, {abcab}
    const { ngramSurvival } = measureChange(["abcab"], ["cabx"], letters);
    expect(ngramSurvival).toEqual([1, 2 / 3, 1 / 3, 0, 0]);
    expect(measureChange(["ab"], ["ba"], letters).ngramSurvival).toEqual([1, 0, 1, 1, 1]);
  });

  it("takes means over the texts", () => {
    const { editDistance, ngramSurvival } = measureChange(["ab", "c d"], ["ab", "c e"], letters);
    expect(editDistance).toBe((0 + 1 / 2) / 2);
    expect(ngramSurvival).toEqual([(1 + 2 / 3) / 2, (1 + 1 / 2) / 2, (1 + 0) / 2, 1, 1]);
  });

  it("refuses no text, lists of different lengths, and more words than it can tell apart", () => {
    expect(() => measureChange([], [], letters)).toThrow(/at least 1/);
    expect(() => measureChange(["a"], ["a", "b"], letters)).toThrow(/got 1 and 2/);
    const long = Array.from({ length: 65_537 }, (_, i) => i).join(" ");
    expect(() => measureChange([long], ["a"], letters)).toThrow(expect.objectContaining({ code: "too-long" }));
  });
});
