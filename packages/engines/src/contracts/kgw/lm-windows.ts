/** A detector's best window, everything in float32 as the engine computes it. */
export interface BestWindow {
  readonly size: number;
  /** As the engine reconstructs it from z, which can be one too small. */
  readonly green: number;
  readonly z: number;
}

const { fround, sqrt } = Math;

/** z of `hits` greens among `size`, as torch computes it from integers and Python floats. */
function windowZ(hits: number, size: number, gamma: number): number {
  const above = fround(hits - fround(gamma * size));
  return fround(above / fround(sqrt(size * gamma * (1 - gamma))));
}

/**
 * z after each token: over all up to there, the first windows of each kind only where `isFirst` is given; a repeat keeps the z before it.
 */
export function runningZ(flags: ArrayLike<number>, isFirst: readonly boolean[] | null, gamma: number): number[] {
  const values: number[] = [];
  let green = 0;
  let size = 0;
  const share = fround(gamma);
  const rest = fround(1 - gamma);
  for (let i = 0; i < flags.length; i++) {
    if (isFirst === null || isFirst[i]) {
      size++;
      green += flags[i]!;
    }
    const above = fround(green - fround(size * share));
    const spread = fround(sqrt(fround(fround(size * share) * rest)));
    values.push(fround(above / spread));
  }
  return values;
}

/**
 * WinMax (Kirchenbauer et al. 2024): the largest z over windows of the given sizes of a 0/1 list, or over all sizes but the full length. A size
 * that does not fit takes part with z = 0, as in the engine; of equal ones the first wins.
 *
 * Null where no size fits, for which the engine raises an error.
 */
export function bestWindow(
  flags: ArrayLike<number>,
  sizes: readonly number[] | "max",
  gamma: number,
): BestWindow | null {
  const n = flags.length;
  const upTo = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) upTo[i + 1] = upTo[i]! + flags[i]!;
  const asked = sizes === "max" ? Array.from({ length: Math.max(0, n - 1) }, (_, i) => i + 1) : sizes;
  if (!asked.some((size) => size <= n)) return null;
  let best = { size: 0, z: Number.NEGATIVE_INFINITY };
  for (const size of asked) {
    let z = size <= n ? Number.NEGATIVE_INFINITY : 0;
    for (let end = size; end <= n; end++) z = Math.max(z, windowZ(upTo[end]! - upTo[end - size]!, size, gamma));
    if (z > best.z) best = { size, z };
  }
  const { size, z } = best;
  const spread = fround(sqrt(size * gamma * (1 - gamma)));
  const green = Math.trunc(fround(fround(z * spread) + fround(gamma * size)));
  return { size, z, green };
}
