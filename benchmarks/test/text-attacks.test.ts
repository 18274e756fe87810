import { readFileSync } from "node:fs";
import fc from "fast-check";
import seedrandom from "seedrandom";
import unhomoglyph from "unhomoglyph";
import { describe, expect, it } from "vitest";
import type { Attack, AttackResources } from "../src/attacks/attack.ts";
import { findAttack } from "../src/attacks/find-attack.ts";
import { LOOK_ALIKES } from "../src/attacks/homoglyph.ts";
import { splitSentences } from "../src/attacks/sentences.ts";
import { textAttacks } from "../src/attacks/text-attacks.ts";
import { joinWords, splitWords } from "../src/attacks/worded-text.ts";
import { ZERO_WIDTH } from "../src/attacks/zero-width.ts";
import type { TextModel } from "../src/models/text-model.ts";

const HUMAN = readFileSync(new URL("../../packages/demo-model/evaluation/held-out.txt", import.meta.url), "utf8");
/** Text by people stands for marked text; what surrounds it in copy-paste comes from elsewhere. */
const TEXT = HUMAN.slice(HUMAN.length - 9000);
/** Sentences whose ends do not hang on what follows them. */
const SENTENCES = Array.from({ length: 60 }, (_, i) => `Sentence ${i} says "this" and “that”.`);
const WORDS = splitWords(TEXT).words;
const resources: AttackResources = {
  humanText: HUMAN.slice(0, HUMAN.length - 9000),
  paraphraser: null,
  // Attacks on characters never ask a model.
  writer: new Proxy({} as TextModel, {
    get: (_, name) => {
      throw new Error(`a text attack asked the model for ${String(name)}`);
    },
  }),
};

const ODD_TEXTS = [
  "",
  " ",
  " \n\t\u00a0\n",
  "word",
  "  Two words  \n",
  "👩‍👩‍👧‍👦 and 🇨🇭🇧🇪 met 👍🏽! \u{1d400}\u{1d401}\u{1d402}, \u{20000}\u{20001}.",
  "e\u0301te\u0301 na\u0308\u0323ive Z\u0351\u036b\u0343a\u0322lgo",
  "\u0301 a mark that stands alone",
  "مرحبا بالعالم، كيف حالك؟ هذا نص.",
  "今天天气很好。我们去公园吧！你觉得怎么样？",
  "नमस्ते दुनिया। यह एक वाक्य है।",
  "각각의 한국어 문장입니다. 감사합니다.",
  "ﬁne “quotes” — and ‘more’… 1½ ＦＵＬＬ\r\n\r\nnext paragraph",
  "İstanbul straße ǆ ŉ",
];

async function attacked(attack: Attack, text: string, strength: number, seed = "1"): Promise<string> {
  const [result] = await attack.apply([{ text, prompt: "A prompt", random: seedrandom(seed) }], strength, resources);
  return result!;
}

const named = (name: string): Attack => findAttack(name, textAttacks);
const copyPasteNames = ["copy-paste-1", "copy-paste-3", "copy-paste-5"];
/** Above it, copy-paste needs more human text than there is. */
const strongest = (attack: Attack): number => (copyPasteNames.includes(attack.name) ? 0.9 : 1);
const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
/** How many items of a list another of the same length has changed. */
const changed = (before: readonly string[], after: readonly string[]): number =>
  before.filter((item, i) => item !== after[i]).length;

describe.each(textAttacks.map((attack) => [attack.name, attack] as const))("%s", (_, attack) => {
  it("gives every text back at strength 0", async () => {
    for (const text of [...ODD_TEXTS, TEXT]) expect(await attacked(attack, text, 0)).toBe(text);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
        expect(await attacked(attack, text, 0)).toBe(text);
      }),
    );
  });

  it("keeps every character whole at any strength", async () => {
    const text = fc.oneof(
      fc.constantFrom(...ODD_TEXTS),
      fc.array(fc.constantFrom(...ODD_TEXTS), { maxLength: 4 }).map((texts) => texts.join(" ")),
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
    );
    const strength = fc.double({ min: 0, max: strongest(attack), noNaN: true });
    await fc.assert(
      fc.asyncProperty(text, strength, fc.string(), async (before, share, seed) => {
        const after = await attacked(attack, before, share, seed);
        expect(after.isWellFormed()).toBe(true);
        expect(before === "" ? after : "").toBe("");
      }),
    );
  });

  it("repeats a result under its seed, and gives another under another", async () => {
    const strength = 0.5;
    const first = await attacked(attack, TEXT, strength, "1");
    expect(await attacked(attack, TEXT, strength, "1")).toBe(first);
    expect(first).not.toBe(TEXT);
    // Truncation draws nothing.
    if (attack.name !== "truncate") expect(await attacked(attack, TEXT, strength, "2")).not.toBe(first);
  });

  it("treats each text by its own random numbers, whatever stands beside it", async () => {
    const alone = await attacked(attack, TEXT, 0.4, "7");
    const texts = ["Other words here.", TEXT, ""].map((text, i) => ({
      text,
      prompt: "",
      random: seedrandom(`${6 + i}`),
    }));
    const together = await attack.apply(texts, 0.4, resources);
    expect(together).toHaveLength(3);
    expect(together[1]).toBe(alone);
    expect(together[2]).toBe("");
  });

  it("refuses strengths outside [0, 1]", async () => {
    for (const strength of [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY, "0.5" as unknown as number]) {
      await expect(attacked(attack, TEXT, strength)).rejects.toMatchObject({
        code: "bad-argument",
        message: expect.stringContaining(attack.name),
      });
    }
  });
});

describe("the strength is the share of what is done", () => {
  const strengths = [0.1, 0.3, 0.5, 1];

  it.each(strengths)("at %d, for deleted and inserted words and those cut off", async (strength) => {
    const total = WORDS.length;
    const share = (text: string) => splitWords(text).words.length / total;
    expect(share(await attacked(named("delete"), TEXT, strength))).toBeCloseTo(1 - strength, 2);
    expect(share(await attacked(named("insert"), TEXT, strength))).toBeCloseTo(1 + strength, 2);
    const cut = await attacked(named("truncate"), TEXT, strength);
    expect(share(cut)).toBeCloseTo(1 - strength, 2);
    expect(TEXT.startsWith(cut)).toBe(true);
  });

  it.each(strengths)("at %d, for words swapped, misspelt or changed in case", async (strength) => {
    for (const name of ["swap", "misspell", "case"]) {
      const { words } = splitWords(await attacked(named(name), TEXT, strength));
      // Misspelling may take the apostrophe out of a word, never a word.
      expect(words).toHaveLength(WORDS.length);
      const able = name === "misspell" ? WORDS.filter((word) => count(word, /\p{L}/gu) > 1) : WORDS;
      const share = changed(WORDS, words) / able.length;
      // Neighbours may be the same word, and numbers have no case.
      expect(Math.abs(share - strength)).toBeLessThan(0.02);
    }
  });

  it.each(strengths)("at %d, for letters, places between them, and punctuation", async (strength) => {
    const before = Array.from(TEXT);
    const able = before.filter((character) => LOOK_ALIKES.has(character)).length;
    const looksAlike = Array.from(await attacked(named("homoglyph"), TEXT, strength));
    expect(changed(before, looksAlike) / able).toBeCloseTo(strength, 2);

    const filled = await attacked(named("zero-width"), TEXT, strength);
    const places = count(TEXT, /(?<=\p{L})['’.]?(?=\p{L})/gu) - count(TEXT, /(?<=\p{L})['’.](?=\p{L})/gu);
    expect(Math.abs(count(filled, /[\u200b\u200c\u2060]/g) / places - strength)).toBeLessThan(0.01);

    const marks = (text: string) => count(text, /\p{P}/gu);
    const punctuated = await attacked(named("punctuation"), TEXT, strength);
    expect(Math.abs((marks(TEXT) - marks(punctuated)) / marks(TEXT) - strength / 2)).toBeLessThan(0.1);
  });

  it.each(strengths)("at %d, for sentences", async (strength) => {
    const moved = splitSentences(await attacked(named("shuffle"), SENTENCES.join(" "), strength)).sentences;
    expect(moved).toHaveLength(SENTENCES.length);
    expect(Math.abs(changed(SENTENCES, moved) / SENTENCES.length - strength)).toBeLessThan(0.02);

    // Either route has quotation marks to write anew.
    const copied = await attacked(named("normalize"), SENTENCES.join("\n\n"), strength);
    expect(changed(SENTENCES, copied.split("\n\n")) / SENTENCES.length).toBeCloseTo(strength, 2);
  });

  it.each([0.25, 0.5, 0.75, 0.9])("at %d, for human text around the marked", async (strength) => {
    for (const name of copyPasteNames) {
      const text = TEXT.slice(0, 4000);
      const result = await attacked(named(name), text, strength);
      expect(Math.abs((result.length - text.length) / result.length - strength)).toBeLessThan(0.01);
    }
  });
});

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

describe("findAttack", () => {
  it("knows every attack by its name, and each name once", () => {
    for (const attack of textAttacks) expect(findAttack(attack.name, textAttacks)).toBe(attack);
    expect(new Set(textAttacks.map(({ name }) => name)).size).toBe(15);
  });

  it("lists the names where there is none of a name", () => {
    expect(() => findAttack("delte", textAttacks)).toThrow(
      expect.objectContaining({ code: "bad-argument", message: expect.stringMatching(/delete, insert.*got "delte"/) }),
    );
  });
});
