import type { Attack } from "./attack.ts";
import { chooseSome } from "./choose-some.ts";
import { textAttack } from "./text-attack.ts";
import { joinWords, type WordPart, wordParts } from "./word-parts.ts";

/** Deletes words, each with the white space before it; the first one that stays keeps the text's beginning. */
export const deleteWords: Attack = textAttack("delete", "deletes words", "words deleted", (text, strength, random) => {
  const { parts, tail } = wordParts(text);
  const chosen = chooseSome(parts.length, strength, random);
  const left = parts.filter((_, i) => !chosen.has(i));
  const [first] = left;
  if (first === undefined) return "";
  return joinWords([{ ...first, space: parts[0]!.space }, ...left.slice(1)], tail);
});

/** Inserts words that people wrote elsewhere. */
export const insertWords: Attack = textAttack(
  "insert",
  "inserts words out of text by people",
  "words inserted, of the words there were",
  (text, strength, random, { humanText }) => {
    const { parts, tail } = wordParts(text);
    const donors = wordParts(humanText).parts;
    const places = chooseSome(parts.length, strength, random);
    const longer = parts.flatMap((part, i): WordPart[] => {
      if (!places.has(i)) return [part];
      const { word } = donors[Math.floor(random() * donors.length)]!;
      return [
        { space: part.space, word },
        { space: " ", word: part.word },
      ];
    });
    return joinWords(longer, tail);
  },
);

/** Swaps words with their right neighbours; no word moves twice. */
export const swapWords: Attack = textAttack(
  "swap",
  "swaps neighbouring words",
  "words that change places",
  (text, strength, random) => {
    const { parts, tail } = wordParts(text);
    const pairs = parts.length >> 1;
    // Pairs begin at an even or at an odd place, so that no two words are bound to each other.
    const offset = parts.length % 2 === 0 ? 0 : Math.floor(2 * random());
    const chosen = chooseSome(pairs, strength, random);
    const moved = [...parts];
    for (const pair of chosen) {
      const at = offset + 2 * pair;
      const [a, b] = [moved[at]!, moved[at + 1]!];
      moved[at] = { ...a, word: b.word };
      moved[at + 1] = { ...b, word: a.word };
    }
    return joinWords(moved, tail);
  },
);

/** Cuts the end off. */
export const truncate: Attack = textAttack("truncate", "cuts the end off", "words cut off", (text, strength) => {
  const { parts, tail } = wordParts(text);
  const left = parts.length - Math.round(strength * parts.length);
  return left === parts.length ? text : joinWords(parts.slice(0, left), left === 0 ? "" : tail);
});
