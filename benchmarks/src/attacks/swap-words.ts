import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawIndices, shareOf } from "./draws.ts";
import { joinWords, splitWords } from "./worded-text.ts";

/** Exchanges neighbouring words; what stands between them stays. No word moves twice. */
export const swapWords: Attack = defineTextAttack({
  name: "swap",
  summary: "Neighbouring words change places.",
  strengthMeans: "words that change places with a neighbour",
  prepare: (strength) => (text, random) => {
    const { words, gaps } = splitWords(text);
    const swapped = words.slice();
    const pairs = Math.min(shareOf(strength, words.length / 2), Math.floor(words.length / 2));
    // Every set of disjoint neighbours is as likely: each pair is drawn as one place, which then takes up two words.
    const places = drawIndices(words.length - pairs, pairs, random).toSorted((a, b) => a - b);
    places.forEach((place, earlier) => {
      const at = place + earlier;
      [swapped[at], swapped[at + 1]] = [words[at + 1]!, words[at]!];
    });
    return joinWords({ words: swapped, gaps });
  },
});
