import type { TokenId } from "@tokenmark/core";

/** What one side answered to one prompt, all answers of one length. */
export interface PromptAnswers {
  readonly promptTokens: readonly TokenId[];
  readonly suspect: readonly (readonly TokenId[])[];
  /** As many as there are of the suspect. */
  readonly reference: readonly (readonly TokenId[])[];
}

/** p-values of the two views, and of both together. */
export interface PresenceTest {
  readonly sameStart: number;
  readonly sameLastToken: number;
  /** Bonferroni: twice the smaller, at most 1. */
  readonly pValue: number;
}

/** One answer as cells that it falls into, one a token and view. */
interface Placed {
  readonly starts: Int32Array;
  readonly pairs: Int32Array;
}

/**
 * Tests whether two sources of answers follow one law, without the key of any mark: what a key does to the next-token law after a context, it
 * does again each time the same context comes.
 *
 * Two views, each of counts a of the suspect and b of the reference. *Same start*: how often one prompt was followed by the same first k
 * tokens, Σ (a − b)²: large where a side repeats itself more than the sides agree; sees marks of any context width, and generators that
 * answer from a cache. *Same last token*: how often one token followed another, whatever was before, Σ (a − b)² / (a + b) (chi-square of
 * homogeneity); sees short contexts and fixed lists.
 *
 * The p-values are exact whatever the language is: under the null, which of a prompt's answers are the suspect's is as good as random, and
 * `permutations` other assignments are drawn: p = (1 + those that reach the statistic) / (1 + permutations). The smallest is so
 * 2 / (1 + permutations).
 *
 * The idea of asking the same context again is that of Gloaguen, Jovanović, Staab and Vechev 2025 ("Black-Box Detection of Language Model
 * Watermarks"); the test is not theirs.
 *
 * @param random - uniform on [0, 1)
 */
export function testPresence(
  prompts: readonly PromptAnswers[],
  permutations: number,
  random: () => number,
): PresenceTest {
  const { groups, startCells, pairCells } = placeAnswers(prompts);
  const totals = new Float64Array(pairCells);
  for (const group of groups) for (const { pairs } of group) for (const cell of pairs) totals[cell]!++;
  const starts = new Int32Array(startCells);
  const pairs = new Int32Array(pairCells);

  /** Both statistics with the first half of each group as the suspect's. */
  function statistics(): readonly [number, number] {
    starts.fill(0);
    pairs.fill(0);
    for (const group of groups) {
      const half = group.length / 2;
      for (let i = 0; i < group.length; i++) {
        const side = i < half ? 1 : -1;
        const placed = group[i]!;
        for (const cell of placed.starts) starts[cell]! += side;
        for (const cell of placed.pairs) pairs[cell]! += side;
      }
    }
    let sameStart = 0;
    let sameLast = 0;
    for (let cell = 0; cell < startCells; cell++) sameStart += starts[cell]! ** 2;
    for (let cell = 0; cell < pairCells; cell++) sameLast += pairs[cell]! ** 2 / totals[cell]!;
    return [sameStart, sameLast];
  }

  const [start, last] = statistics();
  let reachedStart = 1;
  let reachedLast = 1;
  for (let round = 0; round < permutations; round++) {
    for (const group of groups) shuffle(group, random);
    const [otherStart, otherLast] = statistics();
    // The sums of fractions differ in their last bits with the order of shuffling alone; a tie is a tie.
    reachedStart += +(otherStart >= start);
    reachedLast += +(otherLast >= last * (1 - 1e-12));
  }
  const sameStart = reachedStart / (1 + permutations);
  const sameLastToken = reachedLast / (1 + permutations);
  return Object.freeze({ sameStart, sameLastToken, pValue: Math.min(1, 2 * Math.min(sameStart, sameLastToken)) });
}

/** Gives each start of an answer and each pair of tokens a cell; a group is one prompt's answers, the suspect's first. */
function placeAnswers(prompts: readonly PromptAnswers[]): {
  readonly groups: readonly Placed[][];
  readonly startCells: number;
  readonly pairCells: number;
} {
  const startOf = new Map<string, number>();
  const pairOf = new Map<string, number>();
  const cell = (cells: Map<string, number>, name: string): number => {
    const known = cells.get(name);
    if (known !== undefined) return known;
    cells.set(name, cells.size);
    return cells.size - 1;
  };
  const groups = prompts.map(({ promptTokens, suspect, reference }, prompt) =>
    [...suspect, ...reference].map((answer) => {
      const starts = new Int32Array(answer.length);
      const pairs = new Int32Array(answer.length);
      let start = `${prompt}:`;
      let last = promptTokens.at(-1) ?? -1;
      answer.forEach((token, i) => {
        start += `${token},`;
        starts[i] = cell(startOf, start);
        pairs[i] = cell(pairOf, `${last},${token}`);
        last = token;
      });
      return { starts, pairs };
    }),
  );
  return { groups, startCells: startOf.size, pairCells: pairOf.size };
}

/** Fisher and Yates' shuffle, in place. */
function shuffle<T>(items: T[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
