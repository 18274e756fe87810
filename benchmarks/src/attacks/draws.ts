/** Uniform on [0, 1). */
export type Random = () => number;

/** How many of `total` things a strength asks for, to the nearest whole one. */
export function shareOf(strength: number, total: number): number {
  return Math.round(strength * total);
}

/** An index in [0, count), each as likely. */
export function drawIndex(count: number, random: Random): number {
  return Math.floor(random() * count);
}

/** One of a list that is not empty, each as likely. */
export function drawOne<T>(items: readonly T[], random: Random): T {
  return items[drawIndex(items.length, random)]!;
}

/**
 * `count` of a list without repetition, each set as likely, in the order drawn (the first steps of a Fisher–Yates shuffle). Under one
 * seed a smaller count gives a beginning of what a larger one gives, so that strengths can be compared on the same draws.
 */
export function drawSome<T>(items: readonly T[], count: number, random: Random): readonly T[] {
  const deck = items.slice();
  const end = Math.min(count, deck.length);
  for (let i = 0; i < end; i++) {
    const j = i + drawIndex(deck.length - i, random);
    [deck[i], deck[j]] = [deck[j]!, deck[i]!];
  }
  return deck.slice(0, end);
}

/** `count` of the indices 0 … total − 1, as {@link drawSome} draws them. */
export function drawIndices(total: number, count: number, random: Random): readonly number[] {
  return drawSome(
    Array.from({ length: total }, (_, i) => i),
    count,
    random,
  );
}
