import fc from "fast-check";
import seedrandom from "seedrandom";
import unhomoglyph from "unhomoglyph";
import { describe, expect, it } from "vitest";
import { LOOK_ALIKES } from "../src/attacks/homoglyph.ts";
import { splitSentences } from "../src/attacks/sentences.ts";
import { joinWords, splitWords } from "../src/attacks/worded-text.ts";
import { ZERO_WIDTH } from "../src/attacks/zero-width.ts";
import { attacked, count, HUMAN, named, ODD_TEXTS, resources, SENTENCES, TEXT, WORDS } from "./attack-cases.ts";

describe("words", () => {
  it("are cut so that the text can be joined again", () => {
    for (const text of [...ODD_TEXTS, HUMAN]) expect(joinWords(splitWords(text))).toBe(text);
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => joinWords(splitWords(text)) === text));
    expect(splitWords("Don't stop—now, 3.5 今天 🎉.").words).toEqual(["Don't", "stop", "now", "3.5", "今天"]);
  });

  it("leave no double blank, no blank before a comma and every line break when deleted", async () => {
    const text = ` ${Array.from({ length: 40 }, (_, i) => `one two, "three" four.\n\nfive ${i}, six`).join(" ")}\n`;
    const result = await attacked(named("delete"), text, 0.5);
    expect(result).not.toMatch(/ {2}| [,.]/);
    expect(count(result, /\n/g)).toBe(count(text, /\n/g));
    expect(result).toMatch(/^ \S/);
    expect(await attacked(named("delete"), "one two three", 1)).toBe("");
    expect(await attacked(named("delete"), " one, two.\n", 1)).toBe(" ,.\n");
  });

  it("that are inserted come from the human text and stand among the text's own", async () => {
    const result = splitWords(await attacked(named("insert"), TEXT, 0.5)).words;
    const pool = new Set(splitWords(resources.humanText).words);
    let own = 0;
    for (const word of result) {
      if (own < WORDS.length && word === WORDS[own]) own++;
      else expect(pool).toContain(word);
    }
    expect(own).toBe(WORDS.length);
    expect(() =>
      named("insert").apply([{ text: TEXT, prompt: "", random: seedrandom("1") }], 0.5, {
        ...resources,
        humanText: " ",
      }),
    ).toThrow(/humanText/);
  });

  it("that are swapped stand next to where they stood, punctuation between", async () => {
    expect(await attacked(named("swap"), "one, two; three - four.", 1)).toBe("two, one; four - three.");
    const { words } = splitWords(await attacked(named("swap"), TEXT, 0.3));
    words.forEach((word, i) => {
      expect([WORDS[i - 1], WORDS[i], WORDS[i + 1]]).toContain(word);
    });
  });

  it("that are misspelt differ by one slip, or are known misspellings", async () => {
    const { words } = splitWords(await attacked(named("misspell"), TEXT, 1));
    const near = words.filter((word, i) => Math.abs(word.length - WORDS[i]!.length) <= 1).length;
    expect(near / words.length).toBeGreaterThan(0.97);
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed++) seen.add(await attacked(named("misspell"), "Receive", 1, `${seed}`));
    for (const slip of ["Recieve", "Recieve", "Rceeive", "Receeive", "Receve", "Recwive"]) expect(seen).toContain(slip);
    expect(seen).not.toContain("Receive");
  });

  it("only change in case", async () => {
    const result = await attacked(named("case"), TEXT, 1);
    expect(result).not.toBe(TEXT);
    expect(result.toLowerCase()).toBe(TEXT.toLowerCase());
  });
});

describe("characters", () => {
  it("replaced by homoglyphs look alike, by Unicode's table", async () => {
    for (const [letter, other] of LOOK_ALIKES) {
      expect(unhomoglyph(other)).toBe(unhomoglyph(letter));
      expect(other).toHaveLength(1);
    }
    const result = Array.from(await attacked(named("homoglyph"), TEXT, 0.5));
    Array.from(TEXT).forEach((letter, i) => {
      expect([letter, LOOK_ALIKES.get(letter)]).toContain(result[i]);
    });
  });

  it("without width stand between letters alone, and leave the text once removed", async () => {
    for (const text of [...ODD_TEXTS, TEXT]) {
      const result = await attacked(named("zero-width"), text, 1);
      const hidden = new RegExp(`[${ZERO_WIDTH.join("")}]`, "g");
      expect(result.replace(hidden, "")).toBe(text.replace(hidden, ""));
    }
    const result = await attacked(named("zero-width"), "e\u0301te\u0301 x 👍🏽", 1);
    expect(result).toMatch(/^e\u0301[\u200b\u200c\u2060]t[\u200b\u200c\u2060]e\u0301 x 👍🏽$/);
  });

  it("other than punctuation stay when that changes", async () => {
    const bare = (text: string) => text.replace(/\p{P}/gu, "");
    expect(bare(await attacked(named("punctuation"), TEXT, 1))).toBe(bare(TEXT));
    const results = new Set<string>();
    for (let seed = 0; seed < 60; seed++) results.add(await attacked(named("punctuation"), "Go.", 1, `${seed}`));
    expect(results).toEqual(new Set(["Go", "Go!", "Go?"]));
  });
});

describe("sentences", () => {
  it("change places and nothing else when shuffled", async () => {
    const text = `  ${SENTENCES.join("\n\n")} `.replace(/\n\n(?=Sentence \d[1-9])/g, " ");
    const before = splitSentences(text);
    const after = splitSentences(await attacked(named("shuffle"), text, 0.6));
    expect(before.sentences).toEqual(SENTENCES);
    expect(after.sentences.toSorted()).toEqual(SENTENCES.toSorted());
    expect(after.gaps).toEqual(before.gaps);
    const shuffled = await attacked(named("shuffle"), TEXT, 1);
    for (const sentence of splitSentences(TEXT).sentences) expect(shuffled).toContain(sentence);
    expect(shuffled).toHaveLength(TEXT.length);
    expect(await attacked(named("shuffle"), "One.  Two.\n", 0.5)).toBe("Two.  One.\n");
    expect(await attacked(named("shuffle"), "Only one.", 1)).toBe("Only one.");
  });

  it("lose typographic or plain marks, extra blanks and their line breaks when copied", async () => {
    const text =
      "The ﬁrst   “sentence” says “no” — and it's - by far\u00a0-  the longest of all...  The next one.\n\nA new paragraph.";
    const results = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const result = await attacked(named("normalize"), text, 1, `${seed}`);
      expect(result).toContain("\n\nA new paragraph.");
      for (const line of result.split("\n")) expect(line.length).toBeLessThanOrEqual(78);
      results.add(result.replace(/(?<!\n)\n(?!\n)/g, " "));
    }
    expect(results).toEqual(
      new Set([
        'The first "sentence" says "no" -- and it\'s - by far - the longest of all... The next one.\n\nA new paragraph.',
        "The first “sentence” says “no” — and it’s – by far – the longest of all… The next one.\n\nA new paragraph.",
      ]),
    );
  });
});

describe("copied pieces", () => {
  /** Fewest pieces of the text that the result holds in order, each as long as can be. */
  function piecesIn(result: string, text: string): number {
    let [from, at, pieces] = [0, 0, 0];
    while (from < text.length) {
      let length = text.length - from;
      while (length > 0 && !result.includes(text.slice(from, from + length), at)) length--;
      if (length === 0) return Number.POSITIVE_INFINITY;
      at = result.indexOf(text.slice(from, from + length), at) + length;
      from += length;
      pieces++;
    }
    return pieces;
  }

  it.each([1, 3, 5])("are all there, %d of them, in their order", async (pieces) => {
    const text = ` ${TEXT.slice(0, 1200).trim()}`;
    for (let seed = 0; seed < 5; seed++) {
      expect(piecesIn(await attacked(named(`copy-paste-${pieces}`), text, 0.75, `${seed}`), text)).toBe(pieces);
    }
  });

  it("stand in text that the human text holds", async () => {
    const text = "Zq zq zq zq zq zq zq zq zq zq.";
    const result = await attacked(named("copy-paste-3"), text, 0.8);
    const parts = result.split(/(?:Zq|zq)(?: zq)*\.?/).map((part) => part.trim());
    expect(parts.length).toBeLessThanOrEqual(4);
    expect(parts.filter((part) => part !== "").length).toBeGreaterThanOrEqual(2);
    for (const part of parts) expect(resources.humanText).toContain(part);
  });

  it("are none at strength 1: human text of the same length", async () => {
    const result = await attacked(named("copy-paste-3"), TEXT.slice(0, 2000), 1);
    expect(resources.humanText).toContain(result);
    expect(Math.abs(result.length - 2000)).toBeLessThan(20);
  });

  it("need as much human text as the strength says", async () => {
    await expect(attacked(named("copy-paste-1"), TEXT, 0.999)).rejects.toMatchObject({
      code: "bad-argument",
      message: expect.stringMatching(/^humanText: wanted at least 8991000 characters/),
    });
  });
});
