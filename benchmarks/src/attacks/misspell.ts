import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawOne, drawSome, type Random, shareOf } from "./draws.ts";
import { isLetter, splitGraphemes } from "./graphemes.ts";
import { commonMisspellings } from "./misspellings.ts";
import { TYPING_SLIPS } from "./typing-slips.ts";
import { joinWords, splitWords } from "./worded-text.ts";

/** Share of misspelt words that show ignorance rather than haste, where a word has such a misspelling. */
const COMMON = 0.5;

/** Misspells words as people do: common misspellings, letters exchanged, dropped or doubled, keys next to the right one. */
export const misspell: Attack = defineTextAttack({
  name: "misspell",
  summary: "Words are misspelt as people misspell and mistype them.",
  strengthMeans: "words misspelt, of those of two or more letters",
  prepare: (strength) => (text, random) => {
    const { words, gaps } = splitWords(text);
    const misspelt = words.slice();
    const places = words.flatMap((word, i) => (splitGraphemes(word).filter(isLetter).length >= 2 ? [i] : []));
    for (const place of drawSome(places, shareOf(strength, places.length), random)) {
      misspelt[place] = misspellWord(words[place]!, random);
    }
    return joinWords({ words: misspelt, gaps });
  },
});

function misspellWord(word: string, random: Random): string {
  const common = commonMisspellings(word);
  if (common.length > 0 && random() < COMMON) return drawOne(common, random);
  const letters = splitGraphemes(word);
  const kinds = TYPING_SLIPS.map((slip) => slip(letters)).filter((results) => results.length > 0);
  return drawOne(drawOne(kinds, random), random);
}
