import type { Attack } from "./attack.ts";
import type { ContentWord, inflectLemma } from "./content-words.ts";
import { defineTextAttack } from "./define-text-attack.ts";
import { drawOne, drawSome, shareOf } from "./draws.ts";
import { wordNetSynonyms } from "./wordnet.ts";

const VOWEL = /^[aeiou]/i;
const ARTICLE = /\ban?\s$/i;

/** Puts WordNet's synonyms of the most frequent sense in the place of English content words, in the same inflection and capitals. */
export const synonyms: Attack = defineTextAttack({
  name: "synonyms",
  summary: "English nouns, verbs, adjectives and adverbs are replaced by synonyms from WordNet.",
  strengthMeans: "words replaced, of those that have a synonym",
  prepare: async (strength) => {
    // The tagger takes longer to load than the rest of the suite, and only this attack needs it.
    const { findContentWords, inflectLemma } = await import("./content-words.ts");
    return (text, random) => {
      const replaceable = findContentWords(text)
        .map((found) => ({ found, choices: choicesFor(found, text, inflectLemma) }))
        .filter(({ choices }) => choices.length > 0);
      const chosen = new Set(drawSome(replaceable, shareOf(strength, replaceable.length), random));
      let result = "";
      let from = 0;
      for (const entry of replaceable) {
        if (!chosen.has(entry)) continue;
        const { start, word } = entry.found;
        result += text.slice(from, start) + likeCapitals(drawOne(entry.choices, random), word);
        from = start + word.length;
      }
      return result + text.slice(from);
    };
  },
});

function choicesFor(
  { word, start, lemma, partOfSpeech, inflection }: ContentWord,
  text: string,
  inflect: typeof inflectLemma,
): readonly string[] {
  const inflected = wordNetSynonyms(lemma, partOfSpeech).map((synonym) => inflect(synonym, partOfSpeech, inflection));
  // "an apple" must not become "an fruit", and the article is not this attack's to change.
  const fits = ARTICLE.test(text.slice(Math.max(0, start - 4), start))
    ? (choice: string) => VOWEL.test(choice) === VOWEL.test(word)
    : () => true;
  return inflected.filter((choice) => choice !== word.toLowerCase() && fits(choice));
}

function likeCapitals(synonym: string, word: string): string {
  if (word === word.toUpperCase()) return synonym.toUpperCase();
  return /^[A-Z]/.test(word) ? synonym[0]!.toUpperCase() + synonym.slice(1) : synonym;
}
