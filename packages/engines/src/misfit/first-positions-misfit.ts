/** The recursion costs the square of the first times the square of the rest, so no more of either are looked at. */
const MOST_FIRST = 16;
const MOST_REST = 200;

/** Scores in the order of the text; NaN where none is possible. */
export type Scores = ArrayLike<number>;

/**
 * p-value of "the first positions score like the rest": that of `count` positions taken at random the sum of ranks is as low or lower
 * than that of the first ones. Small where a wrong context, or none, robbed the start of a text of its evidence. Exact where all scores
 * differ (Wilcoxon 1945; no assumption on the scores but that their order is by chance); 1 where there is nothing to compare. Looks at
 * the first 16 and the 200 behind them at most.
 */
export function firstPositionsMisfit(scores: Scores, count: number): number {
  const known = Array.from({ length: scores.length }, (_, i) => scores[i]!);
  const spoken = (score: number): boolean => !Number.isNaN(score);
  const first = known.slice(0, Math.min(count, MOST_FIRST)).filter(spoken);
  const rest = known.slice(count).filter(spoken).slice(0, MOST_REST);
  const m = first.length;
  if (m === 0 || rest.length === 0) return 1;
  // Mann and Whitney's count: how often a first score lies above one of the rest, halves for ties.
  let above = 0;
  for (const score of first) {
    for (const other of rest) above += score > other ? 1 : score === other ? 0.5 : 0;
  }
  return lowerTail(m, rest.length, Math.ceil(above));
}

/** P[U ≤ u] under the null, U of `m` among `n`, by the recursion over where the largest value belongs, in order of m. */
function lowerTail(m: number, n: number, u: number): number {
  // table[k][v]: probability that k of the first scores seen have count v, the scores being put in ascending order.
  let table: Float64Array[] = Array.from({ length: m + 1 }, () => new Float64Array(u + 1));
  table[0]![0] = 1;
  for (let placed = 0; placed < m + n; placed++) {
    const next: Float64Array[] = Array.from({ length: m + 1 }, () => new Float64Array(u + 1));
    for (let k = 0; k <= m; k++) {
      const others = placed - k;
      if (others < 0 || others > n) continue;
      const chance = (m - k) / (m + n - placed);
      const row = table[k]!;
      for (let v = 0; v <= u; v++) {
        const p = row[v]!;
        if (p === 0) continue;
        if (k < m && v + others <= u) next[k + 1]![v + others]! += p * chance;
        if (others < n) next[k]![v]! += p * (1 - chance);
      }
    }
    table = next;
  }
  return table[m]!.reduce((sum, p) => sum + p, 0);
}
