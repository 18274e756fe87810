import { describe, expect, it } from "vitest";
import { heatMap } from "../src/heat-map.ts";
import { layOutText, type TextPiece } from "../src/text-cells.ts";

const pieces: readonly TextPiece[] = [
  { text: "weak", level: 0 },
  { text: " some", level: 2 },
  { text: " much", level: 4 },
  { text: "?", level: null },
];
const textOf = (lines: ReturnType<typeof layOutText>): string[] =>
  lines.map((line) => line.map(({ shown }) => shown).join(""));

describe("long texts", () => {
  it("lose, double and split nothing where they are cut for layout, blanks or none, emoji across the cut", () => {
    for (const unit of ["The people of the city. ", "no-blank-at-all", "👩‍👧", "e\u0301 ", "中文"]) {
      const text = unit.repeat(Math.ceil(9000 / unit.length));
      const lines = layOutText([{ text, level: 1 }], 80);
      expect(textOf(lines).join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      expect(lines.flat().some(({ shown }) => /^[\ud800-\udfff]$/.test(shown))).toBe(false);
    }
  });
});

describe("heatMap", () => {
  it("puts a mark under each character of a token, by its level, and none under what does not count", () => {
    const [text, marks] = heatMap(pieces, { colours: false });
    expect(text).toBe("weak some much?");
    expect(marks).toBe("    :::::#####");
  });

  it("colours runs of one level and resets after each", () => {
    const [line] = heatMap(pieces, { colours: true });
    expect(line).toBe("weak\x1b[30;48;5;157m some\x1b[0m\x1b[30;48;5;40m much\x1b[0m\x1b[2m?\x1b[0m");
  });

  it("puts two marks under a character that takes two columns, one under a letter with its accents", () => {
    const [text, marks] = heatMap(
      [
        { text: "中e\u0301", level: 4 },
        { text: "x", level: 3 },
      ],
      { colours: false },
    );
    expect(text).toBe("中e\u0301x");
    expect(marks).toBe("###+");
  });
});

describe("layOutText", () => {
  it("breaks at blanks before a line is too long, and inside a word only if it must", () => {
    const level = 1;
    expect(textOf(layOutText([{ text: "one two three four", level }], 9))).toEqual(["one two ", "three ", "four"]);
    expect(textOf(layOutText([{ text: "abcdefghij", level }], 4))).toEqual(["abcd", "efgh", "ij"]);
    expect(textOf(layOutText([{ text: "12345678 next", level }], 8))).toEqual(["12345678 ", "next"]);
  });

  it("keeps the text's own line breaks", () => {
    expect(textOf(layOutText([{ text: "a\n\nb\r\nc", level: 1 }], 20))).toEqual(["a", "", "b", "c"]);
  });

  it("shows control and invisible characters instead of sending them", () => {
    expect(textOf(layOutText([{ text: "\x1b[31m\x07\u202e\t\x7f\u009b", level: 1 }], 20))).toEqual(["␛[31m␇· ··"]);
  });
});
