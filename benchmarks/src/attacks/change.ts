import { type TextTokenizer, TokenmarkError } from "@tokenmark/core";
import { distance } from "fastest-levenshtein";
import { countNgrams } from "../quality/ngrams.ts";
import type { Change } from "../survival/results.ts";

const LONGEST_NGRAM = 5;
/** Different words that one UTF-16 unit can stand for. */
const MOST_WORDS = 65_536;

/**
 * How much of the texts an attack left: the mean edit distance in words (what stands between white space), and the mean share of each
 * original's distinct token n-grams that still occur. A text without n-grams of a length has lost none: share 1.
 *
 * @param before - the texts before, at least one
 * @param after - the texts after, in the same order
 * @throws TokenmarkError `bad-argument` for no text or two lists of different lengths, `too-long` for two texts of more than 65,536
 * different words.
 */
export function measureChange(before: readonly string[], after: readonly string[], tokenizer: TextTokenizer): Change {
  if (before.length === 0 || before.length !== after.length) {
    throw new TokenmarkError(
      "bad-argument",
      `before, after: wanted two lists of one length, at least 1, got ${before.length} and ${after.length}`,
    );
  }
  const mean = (value: (from: string, to: string) => number): number =>
    before.reduce((sum, text, i) => sum + value(text, after[i]!), 0) / before.length;
  const survival = before.map((text, i) => ngramSurvival(tokenizer.encode(text), tokenizer.encode(after[i]!)));
  return Object.freeze({
    editDistance: mean(wordEditDistance),
    ngramSurvival: Object.freeze(
      Array.from({ length: LONGEST_NGRAM }, (_, n) => survival.reduce((sum, row) => sum + row[n]!, 0) / before.length),
    ),
  });
}

/** Levenshtein's distance in words over the larger number of words. */
function wordEditDistance(from: string, to: string): number {
  if (from === to) return 0;
  const units = new Map<string, string>();
  const [a, b] = [wordUnits(from, units), wordUnits(to, units)];
  return distance(a, b) / Math.max(1, a.length, b.length);
}

/** One UTF-16 unit a word, the same for the same word, so that a distance of strings is one of words. */
function wordUnits(text: string, units: Map<string, string>): string {
  return (text.match(/\S+/g) ?? [])
    .map((word) => {
      const known = units.get(word);
      if (known !== undefined) return known;
      if (units.size === MOST_WORDS) {
        throw new TokenmarkError("too-long", `texts: wanted at most ${MOST_WORDS} different words, got more`);
      }
      const unit = String.fromCharCode(units.size);
      units.set(word, unit);
      return unit;
    })
    .join("");
}

function ngramSurvival(before: ArrayLike<number>, after: ArrayLike<number>): readonly number[] {
  return Array.from({ length: LONGEST_NGRAM }, (_, i) => {
    const own = countNgrams(before, i + 1);
    if (own.size === 0) return 1;
    const left = countNgrams(after, i + 1);
    let kept = 0;
    for (const ngram of own.keys()) if (left.has(ngram)) kept++;
    return kept / own.size;
  });
}
