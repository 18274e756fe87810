/** Draws round(share · count) of the indices below `count`, each equally likely. */
export function chooseSome(count: number, share: number, random: () => number): ReadonlySet<number> {
  const wanted = Math.round(share * count);
  const order = Array.from({ length: count }, (_, i) => i);
  // The first `wanted` steps of Fisher and Yates' shuffle.
  for (let i = 0; i < wanted; i++) {
    const j = i + Math.floor(random() * (count - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return new Set(order.slice(0, wanted));
}
