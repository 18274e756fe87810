import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawIndices, drawOne, shareOf } from "./draws.ts";
import { isLetter, splitGraphemes } from "./graphemes.ts";
import { splitWords } from "./worded-text.ts";

/** Zero width space, zero width non-joiner, word joiner. */
export const ZERO_WIDTH: readonly string[] = Object.freeze(["\u200b", "\u200c", "\u2060"]);

/** Puts characters without width between the letters of words: nothing to see, but other tokens. */
export const zeroWidth: Attack = defineTextAttack({
  name: "zero-width",
  summary: "Characters without width are inserted between the letters of words.",
  strengthMeans: "places between two letters of a word that are filled",
  prepare: (strength) => (text, random) => {
    const { words, gaps } = splitWords(text);
    const pieces: string[] = [];
    const places: number[] = [];
    words.forEach((word, w) => {
      pieces.push(gaps[w]!);
      splitGraphemes(word).forEach((grapheme, g) => {
        if (g > 0 && isLetter(grapheme) && isLetter(pieces.at(-1)!)) places.push(pieces.length);
        pieces.push(grapheme);
      });
    });
    pieces.push(gaps.at(-1)!);
    for (const which of drawIndices(places.length, shareOf(strength, places.length), random)) {
      const place = places[which]!;
      pieces[place] = drawOne(ZERO_WIDTH, random) + pieces[place]!;
    }
    return pieces.join("");
  },
});
