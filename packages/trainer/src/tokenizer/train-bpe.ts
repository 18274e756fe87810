import { TrainerError } from "../errors.ts";
import { BYTE_CHARACTERS } from "./byte-alphabet.ts";
import { preTokenize } from "./pre-tokenize.ts";

/** A byte-level BPE vocabulary: token strings in the byte alphabet, and merges in the order they were learnt. */
export interface BpeVocabulary {
  /** Token strings; the index is the id. Id 0 is the end-of-text token, 1 … 256 are the bytes. */
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

/** Ends a document; also the padding token. Always id 0. */
export const END_OF_TEXT = "<|endoftext|>";

/** Pairs are packed into one number: vocabularies stay below 65,536. */
const PAIR_BASE = 65_536;

/** Learns a vocabulary of `vocabSize` tokens from `texts` by merging the most frequent pair over and over (Sennrich et al. 2016,
 * algorithm 1). Ties go to the pair of smaller ids, so that the result depends on the text alone. */
export function trainBpe(texts: Iterable<string>, vocabSize: number): BpeVocabulary {
  if (!Number.isInteger(vocabSize) || vocabSize < 257 || vocabSize >= PAIR_BASE) {
    throw new TrainerError("invalid-argument", `vocabSize must be an integer from 257 to 65535, got ${vocabSize}`);
  }
  const words = countWords(texts);
  const tokens = [END_OF_TEXT, ...BYTE_CHARACTERS];
  const merges: (readonly [string, string])[] = [];
  const pairs = countPairs(words);
  while (tokens.length < vocabSize) {
    const best = mostFrequent(pairs);
    if (best === null) break;
    const left = Math.floor(best / PAIR_BASE);
    const right = best % PAIR_BASE;
    const merged = tokens.length;
    merges.push([tokens[left]!, tokens[right]!]);
    tokens.push(tokens[left]! + tokens[right]!);
    const holders = pairs.get(best)!.words;
    for (const word of holders) mergeInWord(word, left, right, merged, pairs);
    pairs.delete(best);
  }
  return { tokens, merges };
}

interface Word {
  symbols: number[];
  readonly count: number;
}

interface PairCount {
  count: number;
  readonly words: Set<Word>;
}

function countWords(texts: Iterable<string>): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const piece of preTokenize(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return [...counts].map(([piece, count]) => ({
    symbols: Array.from(Buffer.from(piece, "utf8"), (byte) => byte + 1),
    count,
  }));
}

function changePair(pairs: Map<number, PairCount>, left: number, right: number, word: Word, change: number): void {
  const key = left * PAIR_BASE + right;
  let pair = pairs.get(key);
  if (pair === undefined) {
    pair = { count: 0, words: new Set() };
    pairs.set(key, pair);
  }
  pair.count += change;
  // A word that lost the pair stays listed; merging it again finds nothing and costs little.
  if (change > 0) pair.words.add(word);
}

function countPairs(words: readonly Word[]): Map<number, PairCount> {
  const pairs = new Map<number, PairCount>();
  for (const word of words) {
    for (let i = 1; i < word.symbols.length; i++) {
      changePair(pairs, word.symbols[i - 1]!, word.symbols[i]!, word, word.count);
    }
  }
  return pairs;
}

function mostFrequent(pairs: ReadonlyMap<number, PairCount>): number | null {
  let best: number | null = null;
  let bestCount = 0;
  for (const [key, { count }] of pairs) {
    if (count > bestCount || (count === bestCount && best !== null && key < best)) {
      best = key;
      bestCount = count;
    }
  }
  return best;
}

function mergeInWord(word: Word, left: number, right: number, merged: number, pairs: Map<number, PairCount>): void {
  const { symbols, count } = word;
  const result: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] !== left || symbols[i + 1] !== right) {
      result.push(symbols[i]!);
      continue;
    }
    result.push(merged);
    i++;
  }
  if (result.length === symbols.length) return;
  for (let i = 1; i < symbols.length; i++) changePair(pairs, symbols[i - 1]!, symbols[i]!, word, -count);
  for (let i = 1; i < result.length; i++) changePair(pairs, result[i - 1]!, result[i]!, word, count);
  word.symbols = result;
}
