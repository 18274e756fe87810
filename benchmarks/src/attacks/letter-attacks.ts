import type { Attack } from "./attack.ts";
import { chooseSome } from "./choose-some.ts";
import { textAttack } from "./text-attack.ts";
import { bareWord, graphemes, joinWords, wordParts } from "./word-parts.ts";

/** Letters that look alike in another script (Unicode Technical Standard 39, confusables of Latin letters). */
const LOOK_ALIKES: Readonly<Record<string, string>> = Object.freeze({
  a: "а",
  c: "с",
  e: "е",
  i: "і",
  j: "ј",
  o: "о",
  p: "р",
  s: "ѕ",
  x: "х",
  y: "у",
  h: "һ",
  d: "ԁ",
  q: "ԛ",
  w: "ԝ",
  A: "А",
  B: "В",
  C: "С",
  E: "Е",
  H: "Н",
  I: "І",
  J: "Ј",
  K: "К",
  M: "М",
  N: "Ν",
  O: "О",
  P: "Р",
  S: "Ѕ",
  T: "Т",
  X: "Х",
  Y: "Ү",
  Z: "Ζ",
});

/** Keys beside each other on a keyboard. */
const ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

function neighbourOf(letter: string, random: () => number): string {
  const row = ROWS.find((keys) => keys.includes(letter.toLowerCase()));
  if (row === undefined) return letter;
  const at = row.indexOf(letter.toLowerCase());
  const near = [row[at - 1], row[at + 1]].filter((key) => key !== undefined);
  const key = near[Math.floor(random() * near.length)]!;
  return letter === letter.toLowerCase() ? key : key.toUpperCase();
}

/** One slip of the finger: two letters swapped, one doubled, dropped, or its neighbour struck. The first letter stays, as it mostly does. */
function misspellWord(word: string, random: () => number): string {
  const letters = graphemes(word);
  const at = 1 + Math.floor(random() * (letters.length - 2));
  const [a, b] = [letters[at]!, letters[at + 1]!];
  const kinds = [
    [...letters.slice(0, at), b, a, ...letters.slice(at + 2)],
    [...letters.slice(0, at), a, a, ...letters.slice(at + 1)],
    [...letters.slice(0, at), ...letters.slice(at + 1)],
    [...letters.slice(0, at), neighbourOf(a, random), ...letters.slice(at + 1)],
  ].map((spelt) => spelt.join(""));
  const first = Math.floor(random() * kinds.length);
  // Swapping "ll" changes nothing: the next kind then does.
  return kinds.map((_, i) => kinds[(first + i) % kinds.length]!).find((spelt) => spelt !== word) ?? word;
}

const LEAST_LETTERS = 4;

/** Misspells words as typists do. */
export const misspell: Attack = textAttack(
  "misspell",
  "misspells words as a typist would: letters swapped, doubled, dropped or struck beside",
  "words of four letters or more misspelt",
  (text, strength, random) => {
    const { parts, tail } = wordParts(text);
    const able = parts.flatMap(({ word }, i) => (graphemes(bareWord(word).bare).length >= LEAST_LETTERS ? [i] : []));
    const chosen = chooseSome(able.length, strength, random);
    const spelt = [...parts];
    able.forEach((i, k) => {
      if (!chosen.has(k)) return;
      const { before, bare, behind } = bareWord(parts[i]!.word);
      spelt[i] = { ...parts[i]!, word: before + misspellWord(bare, random) + behind };
    });
    return joinWords(spelt, tail);
  },
);

/** Replaces letters by look-alikes of other scripts: nothing to see, other tokens. */
export const homoglyph: Attack = textAttack(
  "homoglyph",
  "replaces letters by look-alikes of other scripts",
  "replaceable letters replaced",
  (text, strength, random) => {
    const characters = [...text];
    const able = characters.flatMap((character, i) => (Object.hasOwn(LOOK_ALIKES, character) ? [i] : []));
    for (const k of chooseSome(able.length, strength, random)) {
      const at = able[k]!;
      characters[at] = LOOK_ALIKES[characters[at]!]!;
    }
    return characters.join("");
  },
);

const INVISIBLE = ["\u200b", "\u200c", "\u2060"];

/** Puts characters without width between letters. */
export const zeroWidth: Attack = textAttack(
  "zero-width",
  "puts characters without width behind letters",
  "letters that get one",
  (text, strength, random) => {
    const characters = graphemes(text);
    const able = characters.flatMap((character, i) => (/^\p{L}/u.test(character) ? [i] : []));
    for (const k of chooseSome(able.length, strength, random)) {
      characters[able[k]!] += INVISIBLE[Math.floor(random() * INVISIBLE.length)]!;
    }
    return characters.join("");
  },
);

/** Changes the case of words. */
export const changeCase: Attack = textAttack(
  "case",
  "writes words small, in capitals or with a capital",
  "words in another case",
  (text, strength, random) => {
    const { parts, tail } = wordParts(text);
    const forms = (word: string): string[] => {
      const { before, bare, behind } = bareWord(word);
      const small = bare.toLowerCase();
      const [first = "", ...rest] = graphemes(small);
      return [small, bare.toUpperCase(), first.toUpperCase() + rest.join("")]
        .map((form) => before + form + behind)
        .filter((form) => form !== word);
    };
    const able = parts.flatMap(({ word }, i) => (forms(word).length > 0 ? [i] : []));
    const chosen = chooseSome(able.length, strength, random);
    const changed = [...parts];
    able.forEach((i, k) => {
      if (!chosen.has(k)) return;
      const possible = forms(parts[i]!.word);
      changed[i] = { ...parts[i]!, word: possible[Math.floor(random() * possible.length)]! };
    });
    return joinWords(changed, tail);
  },
);

const MARKS = [",", ";", ":", ".", "!", ""];

/** Changes or drops punctuation marks. */
export const punctuation: Attack = textAttack(
  "punctuation",
  "changes punctuation marks or drops them",
  "punctuation marks changed",
  (text, strength, random) => {
    const characters = [...text];
    const able = characters.flatMap((character, i) => (/^[,;:.!?]$/.test(character) ? [i] : []));
    for (const k of chooseSome(able.length, strength, random)) {
      const at = able[k]!;
      const others = MARKS.filter((mark) => mark !== characters[at]);
      characters[at] = others[Math.floor(random() * others.length)]!;
    }
    return characters.join("");
  },
);
