import type { TokenId } from "@tokenmark/core";
import { createServerVocabulary, type ServerVocabulary } from "./server-vocabulary.ts";

/** Options of {@link createToyVocabulary}. */
export interface ToyVocabularyOptions {
  /** At least 300: 256 byte tokens, two special tokens, and words. @defaultValue 1024 */
  readonly size?: number;
  /** SentencePiece's leading space. @defaultValue true */
  readonly spacePrefix?: boolean;
}

const consonants = "kmnrstlpdbvgz";
const vowels = "aeiou";

/**
 * A vocabulary for a toy source: words first (a Zipf source likes low ids), then one token a byte, then `<s>` and `</s>` as
 * the last two ids. Words of one letter to three syllables, every other one with a leading space; one in 40 ends in a
 * character of two to four bytes. Any text can be encoded.
 */
export function createToyVocabulary(options: ToyVocabularyOptions = {}): ServerVocabulary {
  const { size = 1024, spacePrefix = true } = options;
  const words = [" ", ..."abcdefghijklmnopqrstuvwxyz.,!?\n", ...wordList(size)].slice(0, size - 258);
  const encoder = new TextEncoder();
  const bytes = words.map((word) => encoder.encode(word));
  const fallback = new Set<TokenId>();
  for (let byte = 0; byte < 256; byte++) fallback.add(bytes.push(Uint8Array.of(byte)) - 1);
  bytes.push(new Uint8Array(0), new Uint8Array(0));
  const [bos, eos] = [size - 2, size - 1];
  const special = new Map([
    [bos, "<s>"],
    [eos, "</s>"],
  ]);
  return createServerVocabulary({ bytes, special, bos, endTokens: [eos], fallback, spacePrefix });
}

function wordList(count: number): string[] {
  const words: string[] = [];
  const syllables = consonants.length * vowels.length;
  for (let i = 0; words.length < count; i++) {
    let word = "";
    for (let rest = i; ; rest = Math.floor(rest / syllables) - 1) {
      word += consonants[Math.floor(rest / vowels.length) % consonants.length]! + vowels[rest % vowels.length]!;
      if (rest < syllables) break;
    }
    if (i % 40 === 39) word += ["é", "ল", "👋"][Math.floor(i / 40) % 3];
    words.push(` ${word}`, word);
  }
  return words;
}
