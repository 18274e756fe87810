import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { shareOf } from "./draws.ts";
import { joinWords, splitWords } from "./worded-text.ts";

/** Cuts the end off, behind a word: less text, and so less evidence, of the same strength. */
export const truncate: Attack = defineTextAttack({
  name: "truncate",
  summary: "The end is cut off.",
  strengthMeans: "words cut off the end",
  prepare: (strength) => (text) => {
    const { words, gaps } = splitWords(text);
    const cut = shareOf(strength, words.length);
    if (cut === 0) return text;
    const kept = words.length - cut;
    return kept === 0 ? "" : joinWords({ words: words.slice(0, kept), gaps: [...gaps.slice(0, kept), ""] });
  },
});
