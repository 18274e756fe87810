import nlp from "compromise/two";
import type { PartOfSpeech } from "./wordnet.ts";

/** How a word is inflected; "base" for what is not. */
export type Inflection = "base" | "plural" | "present" | "past" | "participle" | "gerund";

/** A noun, verb, adjective or adverb of an English text. */
export interface ContentWord {
  /** First UTF-16 unit in the text. */
  readonly start: number;
  /** As it stands there. */
  readonly word: string;
  /** In small letters and uninflected. */
  readonly lemma: string;
  readonly partOfSpeech: PartOfSpeech;
  readonly inflection: Inflection;
}

/** The part of compromise's exposed methods that turns one word at a time, by its lists and rules of irregular forms. */
interface Transforms {
  readonly verb: {
    toInfinitive(word: string, model: object, tense: string): string;
    conjugate(infinitive: string, model: object): Readonly<Record<string, string>>;
  };
  readonly noun: {
    toPlural(word: string, model: object): string;
    toSingular(word: string, model: object): string;
  };
}

const model = nlp.model();
const { verb, noun } = (nlp.methods() as { readonly two: { readonly transform: Transforms } }).two.transform;

/** Names, function words and numbers have no synonyms, whatever WordNet's entries for their spelling. */
const LEFT_OUT = new Set(
  "Pronoun ProperNoun Auxiliary Copula Modal PhrasalVerb Particle Negative Value Date Acronym Abbreviation Comparative Superlative".split(
    " ",
  ),
);
/** Two letters are function words, or taken for measures and abbreviations. */
const PLAIN_WORD = /^[A-Za-z]{3,}$/;
/** The library knows "women", but no "foemen". */
const COMPOUND_OF_MAN = /(?<=[a-z])(?<!hu|ger|ro|nor|sha|talis|otto)mans$/;
const VERB_FORMS: readonly (readonly [tag: string, inflection: Inflection])[] = [
  ["Infinitive", "base"],
  ["PresentTense", "present"],
  ["Gerund", "gerund"],
  ["PastTense", "past"],
  ["Participle", "participle"],
];

/**
 * The content words of an English text, tagged by the library compromise. Only words that {@link inflectLemma} makes out of their lemma
 * again are among them, so that another lemma can be put in the same form.
 */
export function findContentWords(text: string): readonly ContentWord[] {
  const words: ContentWord[] = [];
  let from = 0;
  for (const sentence of nlp(text).document) {
    let perfect = false;
    for (const { text: word, tags } of sentence) {
      const start = text.indexOf(word, from);
      if (word === "" || start < 0) continue;
      from = start + word.length;
      const known: ReadonlySet<string> = tags ?? new Set();
      const analysis = PLAIN_WORD.test(word) ? analyse(word.toLowerCase(), known, perfect) : null;
      if (analysis !== null) words.push({ start, word, ...analysis });
      // "has been quickly broken": adverbs and pronouns may stand between.
      if (known.has("Auxiliary") || known.has("Copula")) perfect = !known.has("Modal") && !/^d(o|id|oes)$/i.test(word);
      else if (!known.has("Adverb") && !known.has("Negative") && !known.has("Pronoun")) perfect = false;
    }
  }
  return words;
}

/** A lemma in the form asked for: "try" as "past" is "tried". */
export function inflectLemma(lemma: string, partOfSpeech: PartOfSpeech, inflection: Inflection): string {
  if (inflection === "base") return lemma;
  if (partOfSpeech === "noun") return noun.toPlural(lemma, model).replace(COMPOUND_OF_MAN, "men");
  const forms = verb.conjugate(lemma, model);
  // Beside a regular past the library's rules invent participles: "pent" for "pen".
  const regular = forms.PastTense!.endsWith("ed") && !forms.Participle?.endsWith("n");
  if (inflection === "participle") return (regular ? undefined : forms.Participle) ?? forms.PastTense!;
  return forms[VERB_FORMS.find(([, form]) => form === inflection)![0]]!;
}

type Analysis = Pick<ContentWord, "lemma" | "partOfSpeech" | "inflection">;

function analyse(word: string, tags: ReadonlySet<string>, perfect: boolean): Analysis | null {
  for (const tag of tags) if (LEFT_OUT.has(tag)) return null;
  if (tags.has("Verb")) return analyseVerb(word, tags, perfect);
  if (tags.has("Noun")) return analyseNoun(word, tags.has("Plural"));
  if (tags.has("Adjective")) return { lemma: word, partOfSpeech: "adj", inflection: "base" };
  if (tags.has("Adverb")) return { lemma: word, partOfSpeech: "adv", inflection: "base" };
  return null;
}

function analyseNoun(word: string, plural: boolean): Analysis | null {
  if (!plural) return { lemma: word, partOfSpeech: "noun", inflection: "base" };
  const lemma = noun.toSingular(word, model);
  return lemma !== word && noun.toPlural(lemma, model) === word
    ? { lemma, partOfSpeech: "noun", inflection: "plural" }
    : null;
}

function analyseVerb(word: string, tags: ReadonlySet<string>, perfect: boolean): Analysis | null {
  const likely = VERB_FORMS.filter(([tag]) => tags.has(tag)).toSorted(([a]) => (a === "PresentTense" ? 1 : 0));
  for (const [tag] of likely) {
    const lemma = tag === "Infinitive" ? word : verb.toInfinitive(word, model, tag);
    const forms = verb.conjugate(lemma, model);
    const form = VERB_FORMS.find(([name]) => forms[name] === word && (name === tag || name === "Participle"));
    if (form === undefined) continue;
    const inflection = perfect && form[1] === "past" ? "participle" : form[1];
    return { lemma, partOfSpeech: "verb", inflection };
  }
  return null;
}
