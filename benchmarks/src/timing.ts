/** Median of numbers; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median milliseconds of `work`, after `warmUp` uncounted runs; `prepare` runs untimed before each. */
export function timeMedian(
  work: () => void,
  options: { readonly runs: number; readonly warmUp?: number; readonly prepare?: () => void },
): number {
  const { runs, warmUp = Math.max(3, runs >> 2), prepare } = options;
  const times: number[] = [];
  for (let run = 0; run < warmUp + runs; run++) {
    prepare?.();
    const start = performance.now();
    work();
    if (run >= warmUp) times.push(performance.now() - start);
  }
  return median(times);
}

/**
 * Medians of two works measured in turn, A B A B …, and the median of their paired differences B − A: a machine whose speed
 * drifts drifts under both.
 */
export function timePaired(
  a: () => void,
  b: () => void,
  options: { readonly runs: number; readonly prepare?: () => void },
): { readonly a: number; readonly b: number; readonly difference: number } {
  const { runs, prepare } = options;
  const [as, bs, differences]: [number[], number[], number[]] = [[], [], []];
  const clock = (work: () => void): number => {
    prepare?.();
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  for (let run = 0; run < runs + Math.max(3, runs >> 2); run++) {
    const [ta, tb] = [clock(a), clock(b)];
    if (run < runs >> 2) continue;
    as.push(ta);
    bs.push(tb);
    differences.push(tb - ta);
  }
  return { a: median(as), b: median(bs), difference: median(differences) };
}
