import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawOne, drawSome, shareOf } from "./draws.ts";
import { splitGraphemes } from "./graphemes.ts";
import { joinWords, splitWords } from "./worded-text.ts";

/** Writes words in capitals, in small letters, or with a capital first: whichever of these they are not. */
export const changeCase: Attack = defineTextAttack({
  name: "case",
  summary: "Words are written in capitals, in small letters or with a capital first.",
  strengthMeans: "words changed in case, of those whose script has two",
  prepare: (strength) => (text, random) => {
    const { words, gaps } = splitWords(text);
    const changed = words.slice();
    const places = words.flatMap((word, i) => (otherCases(word).length > 0 ? [i] : []));
    for (const place of drawSome(places, shareOf(strength, places.length), random)) {
      changed[place] = drawOne(otherCases(words[place]!), random);
    }
    return joinWords({ words: changed, gaps });
  },
});

function otherCases(word: string): readonly string[] {
  const [upper, lower] = [word.toUpperCase(), word.toLowerCase()];
  if (upper === lower) return [];
  const [first = "", ...rest] = splitGraphemes(lower);
  return [...new Set([upper, lower, first.toUpperCase() + rest.join("")])].filter((variant) => variant !== word);
}
