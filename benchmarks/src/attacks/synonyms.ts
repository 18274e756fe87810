import type { Attack } from "./attack.ts";
import { chooseSome } from "./choose-some.ts";
import { inflect, type Reading, readings } from "./inflection.ts";
import { textAttack } from "./text-attack.ts";
import { bareWord, joinWords, wordParts } from "./word-parts.ts";
import { loadWordnet } from "./wordnet.ts";

/** Words that hold sentences together; WordNet knows many as rare nouns ("as" is arsenic). */
const FUNCTION_WORDS = new Set(
  (
    "a about above after again against all also am an and any are as at be because been before being below between both but by can could did do does " +
    "doing down during each even ever every few for from further had has have having he her here hers herself him himself his how i if in into is it its " +
    "itself just let like me more most much must my myself no nor not now of off on once one only or other our ours out over own said same shall she " +
    "should so some such than that the thee their theirs them themselves then there these they this those thou through thus thy to too two under until " +
    "up upon us very was we well were what when where which while who whom why will with would yet you your yours"
  ).split(" "),
);

const LEAST_LETTERS = 3;
/** Past tenses of verbs that have none by rule: inflecting a synonym to match them would need their tables. */
const IRREGULAR = new Set(
  "went came made took gave saw knew found told left felt became brought began kept held wrote stood heard meant met ran paid sat spoke lay led grew lost fell sent built understood drew broke spent rose drove bought wore chose".split(
    " ",
  ),
);

/** The commonest reading of a word that has a synonym, with those synonyms. */
function replacementsOf(word: string): { readonly reading: Reading; readonly synonyms: readonly string[] } | null {
  if (word.length < LEAST_LETTERS || !/^[a-z]+$/.test(word) || FUNCTION_WORDS.has(word) || IRREGULAR.has(word))
    return null;
  const wordnet = loadWordnet();
  let best: Reading | null = null;
  let most = 0;
  for (const reading of readings(word)) {
    const tagged = wordnet.taggedSenses(reading.lemma, reading.part);
    if (tagged > most) {
      most = tagged;
      best = reading;
    }
  }
  if (best === null) return null;
  const synonyms = wordnet.synonyms(best.lemma, best.part);
  return synonyms.length === 0 ? null : { reading: best, synonyms };
}

/** As the original is written: small, with a capital, or all in capitals. */
function inCaseOf(original: string, word: string): string {
  if (original.length > 1 && original === original.toUpperCase()) return word.toUpperCase();
  return /^\p{Lu}/u.test(original) ? word[0]!.toUpperCase() + word.slice(1) : word;
}

/** Replaces words by synonyms. */
export const synonyms: Attack = textAttack(
  "synonyms",
  "replaces words by WordNet synonyms of their commonest sense, inflected alike",
  "words that have a synonym replaced",
  (text, strength, random) => {
    const { parts, tail } = wordParts(text);
    const able = parts.flatMap(({ word }, i) => {
      const bare = bareWord(word).bare;
      // A capital within a sentence is mostly a name.
      const isName = /^\p{Lu}/u.test(bare) && i > 0 && !/[.!?]["')\]]?$/.test(parts[i - 1]!.word);
      const found = isName ? null : replacementsOf(bare.toLowerCase());
      return found === null ? [] : [{ i, found }];
    });
    const chosen = chooseSome(able.length, strength, random);
    const replaced = [...parts];
    able.forEach(({ i, found }, k) => {
      if (!chosen.has(k)) return;
      const { before, bare, behind } = bareWord(parts[i]!.word);
      const synonym = found.synonyms[Math.floor(random() * found.synonyms.length)]!;
      const word = inCaseOf(bare, inflect(synonym, found.reading.ending));
      replaced[i] = { ...parts[i]!, word: before + word + behind };
    });
    return joinWords(replaced, tail);
  },
);
