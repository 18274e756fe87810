import type { Attack } from "./attack.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawIndices, shareOf } from "./draws.ts";
import { joinWords, splitWords } from "./worded-text.ts";

/** Leaves words out: the plainest edit, which breaks every n-gram that the word is part of. */
export const deleteWords: Attack = defineTextAttack({
  name: "delete",
  summary: "Words are left out at random places.",
  strengthMeans: "words deleted",
  prepare: (strength) => (text, random) => {
    const { words, gaps } = splitWords(text);
    const gone = new Set(drawIndices(words.length, shareOf(strength, words.length), random));
    const kept: string[] = [];
    const between: string[] = [gaps[0]!];
    for (let i = 0; i < words.length; i++) {
      const after = gaps[i + 1]!;
      if (gone.has(i)) between.push(closeGap(between.pop()!, after, kept.length === 0, i === words.length - 1));
      else {
        kept.push(words[i]!);
        between.push(after);
      }
    }
    return joinWords({ words: kept, gaps: between });
  },
});

/** Joins what stood around a word so that no blank stands twice or before punctuation; line breaks stay. */
function closeGap(before: string, after: string, first: boolean, last: boolean): string {
  if (before === "" || before.endsWith(" ") || before.endsWith("\n")) {
    if (after.startsWith(" ")) return before + after.slice(1);
    // The blank that a continuation begins with is not the deleted word's own.
    const own = before.endsWith(" ") && !(first && before.trim() === "");
    if (own && (after !== "" || last)) return before.slice(0, -1) + after;
  }
  return before + after;
}
