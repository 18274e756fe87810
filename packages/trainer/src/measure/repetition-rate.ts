/** Share of the runs of four tokens in `ids` that occurred earlier in `ids`: 0 when nothing repeats. */
export function repetitionRate(ids: ArrayLike<number>): number {
  const seen = new Set<string>();
  let repeated = 0;
  const runs = ids.length - 3;
  for (let i = 0; i < runs; i++) {
    const run = `${ids[i]},${ids[i + 1]},${ids[i + 2]},${ids[i + 3]}`;
    if (seen.has(run)) repeated++;
    seen.add(run);
  }
  return runs > 0 ? repeated / runs : 0;
}
