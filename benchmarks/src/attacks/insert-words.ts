import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawIndices, drawOne, shareOf } from "./draws.ts";
import { humanWords } from "./human-words.ts";
import { splitWords } from "./worded-text.ts";

/** Puts words from the human text behind words of the text, as often as they occur there. */
export const insertWords: Attack = defineTextAttack({
  name: "insert",
  summary: "Words of a text by people are inserted behind words at random places.",
  strengthMeans: "words inserted, as a share of the text's own",
  prepare: (strength, { humanText }) => {
    const pool = humanWords(humanText);
    return (text, random) => {
      const { words, gaps } = splitWords(text);
      const inserted = new Map(
        drawIndices(words.length, shareOf(strength, words.length), random).map((place) => [
          place,
          drawOne(pool, random),
        ]),
      );
      let result = gaps[0]!;
      words.forEach((word, i) => {
        const extra = inserted.get(i);
        result += extra === undefined ? word : `${word} ${extra}`;
        // Words of scripts without blanks would grow together with what is inserted.
        result += extra !== undefined && gaps[i + 1] === "" && i + 1 < words.length ? " " : gaps[i + 1]!;
      });
      return result;
    };
  },
});
