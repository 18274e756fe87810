import type { TextTokenizer, TokenSequence } from "@tokenmark/core";
import { countNgrams } from "../quality/ngrams.ts";
import type { Change } from "../survival/results.ts";

const ORDERS = [1, 2, 3, 4, 5] as const;

/**
 * Words inserted, deleted or replaced between two texts, over the larger number of words (Levenshtein 1966; two rows of the table of Wagner and
 * Fischer 1974).
 */
export function wordEditDistance(before: string, after: string): number {
  const ids = new Map<string, number>();
  const words = (text: string): Int32Array =>
    Int32Array.from(text.match(/\S+/g) ?? [], (word) => {
      const id = ids.get(word) ?? ids.size;
      ids.set(word, id);
      return id;
    });
  const [a, b] = [words(before), words(after)];
  if (Math.max(a.length, b.length) === 0) return 0;
  const row = Int32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    let diagonal = row[0]!;
    row[0] = i + 1;
    for (let j = 0; j < b.length; j++) {
      const replaced = diagonal + (a[i] === b[j] ? 0 : 1);
      diagonal = row[j + 1]!;
      row[j + 1] = Math.min(replaced, diagonal + 1, row[j]! + 1);
    }
  }
  return row[b.length]! / Math.max(a.length, b.length);
}

/** Share of the distinct n-grams of one text that another still has; 1 for a text too short to have any. */
export function ngramSurvival(before: TokenSequence, after: TokenSequence, n: number): number {
  const wanted = countNgrams(before, n);
  if (wanted.size === 0) return 1;
  const there = countNgrams(after, n);
  let kept = 0;
  for (const gram of wanted.keys()) kept += +there.has(gram);
  return kept / wanted.size;
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** What an attack did, in words and in tokens; means over the texts. */
export function measureChange(
  before: readonly string[],
  after: readonly string[],
  tokenizer: Pick<TextTokenizer, "encode">,
): Change {
  const ids = before.map((text, i) => [tokenizer.encode(text), tokenizer.encode(after[i]!)] as const);
  return {
    editDistance: mean(before.map((text, i) => wordEditDistance(text, after[i]!))),
    ngramSurvival: ORDERS.map((n) => mean(ids.map(([own, attacked]) => ngramSurvival(own, attacked, n)))),
  };
}
