import fc from "fast-check";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import type { Attack } from "../src/attacks/attack.ts";
import { findAttack } from "../src/attacks/find-attack.ts";
import { LOOK_ALIKES } from "../src/attacks/homoglyph.ts";
import { splitSentences } from "../src/attacks/sentences.ts";
import { textAttacks } from "../src/attacks/text-attacks.ts";
import { splitWords } from "../src/attacks/worded-text.ts";
import {
  attacked,
  changed,
  copyPasteNames,
  count,
  named,
  ODD_TEXTS,
  resources,
  SENTENCES,
  TEXT,
  WORDS,
} from "./attack-cases.ts";

/** Above it, copy-paste needs more human text than there is. */
const strongest = (attack: Attack): number => (copyPasteNames.includes(attack.name) ? 0.9 : 1);
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
        expect(after).not.toMatch(/\p{Surrogate}/u);
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
