import type { TokenSequence } from "@tokenmark/core";
import { countNgrams } from "./ngrams.ts";

const ORDERS = [1, 2, 3, 4] as const;

/** 4-gram BLEU (Papineni et al. 2002) of a text against references, counts of orders above one smoothed by one (Lin and Och 2004). */
export function bleu(text: TokenSequence, references: readonly TokenSequence[]): number {
  if (text.length === 0 || references.length === 0) return 0;
  let logSum = 0;
  for (const n of ORDERS) {
    const most = new Map<string, number>();
    for (const reference of references) {
      for (const [gram, count] of countNgrams(reference, n)) most.set(gram, Math.max(most.get(gram) ?? 0, count));
    }
    let matched = 0;
    let total = 0;
    for (const [gram, count] of countNgrams(text, n)) {
      matched += Math.min(count, most.get(gram) ?? 0);
      total += count;
    }
    const smoothing = n === 1 ? 0 : 1;
    if (matched + smoothing === 0) return 0;
    logSum += Math.log((matched + smoothing) / (total + smoothing));
  }
  const closest = references
    .map(({ length }) => length)
    .reduce((best, length) => (Math.abs(length - text.length) < Math.abs(best - text.length) ? length : best));
  return Math.exp(logSum / ORDERS.length + Math.min(0, 1 - closest / text.length));
}

/** Mean BLEU of each text against the others (Zhu et al. 2018, Self-BLEU): 1 where all are the same text. */
export function selfBleu(texts: readonly TokenSequence[]): number {
  const scores = texts.map((text, i) =>
    bleu(
      text,
      texts.filter((_, k) => k !== i),
    ),
  );
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
