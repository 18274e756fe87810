import type { PartOfSpeech } from "./wordnet.ts";

/** A regular ending of English. */
export type Ending = "" | "s" | "ed" | "ing";

/** A word taken apart: what it may be a form of. */
export interface Reading {
  readonly lemma: string;
  readonly part: PartOfSpeech;
  readonly ending: Ending;
}

const VOWEL = /[aeiou]/;

/** Lemmas that a regular form may come from, the likelier first. */
function stems(word: string, ending: Ending): string[] {
  const stem = word.slice(0, word.length - ending.length);
  switch (ending) {
    case "":
      return [word];
    case "s":
      if (!word.endsWith("s") || word.endsWith("ss")) return [];
      if (word.endsWith("ies")) return [`${word.slice(0, -3)}y`];
      return /(?:[sxz]|ch|sh)es$/.test(word) ? [word.slice(0, -2), stem] : [stem];
    case "ed":
    case "ing": {
      if (!word.endsWith(ending) || !VOWEL.test(stem)) return [];
      if (ending === "ed" && stem.endsWith("i")) return [`${stem.slice(0, -1)}y`];
      const undoubled = /([^aeiouslz])\1$/.test(stem) ? [stem.slice(0, -1)] : [];
      return [...undoubled, `${stem}e`, stem];
    }
    default:
      return ending satisfies never;
  }
}

/** Every way to read a word as a regular form of a lemma. */
export function readings(word: string): Reading[] {
  const plain = (["noun", "verb", "adj", "adv"] as const).map((part): Reading => ({ lemma: word, part, ending: "" }));
  const formed = (["s", "ed", "ing"] as const).flatMap((ending) =>
    stems(word, ending).flatMap((lemma): Reading[] => [
      ...(ending === "s" ? [{ lemma, part: "noun" as const, ending }] : []),
      { lemma, part: "verb", ending },
    ]),
  );
  return [...plain, ...formed];
}

/** A lemma with a regular ending. */
export function inflect(lemma: string, ending: Ending): string {
  const consonantY = /[^aeiou]y$/.test(lemma);
  // One short syllable that ends in one consonant doubles it: stop, stopped.
  const doubles = /^[^aeiou]*[aeiou][^aeiouwxy]$/.test(lemma);
  switch (ending) {
    case "":
      return lemma;
    case "s":
      if (consonantY) return `${lemma.slice(0, -1)}ies`;
      return /(?:[sxz]|ch|sh)$/.test(lemma) ? `${lemma}es` : `${lemma}s`;
    case "ed":
      if (consonantY) return `${lemma.slice(0, -1)}ied`;
      if (lemma.endsWith("e")) return `${lemma}d`;
      return doubles ? `${lemma}${lemma.at(-1)}ed` : `${lemma}ed`;
    case "ing":
      if (lemma.endsWith("ie")) return `${lemma.slice(0, -2)}ying`;
      if (/[^eo]e$/.test(lemma)) return `${lemma.slice(0, -1)}ing`;
      return doubles ? `${lemma}${lemma.at(-1)}ing` : `${lemma}ing`;
    default:
      return ending satisfies never;
  }
}
