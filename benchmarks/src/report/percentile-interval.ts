/** The 2.5th and 97.5th percentile of bootstrap draws, each the nearest draw outward. */
export function percentileInterval(draws: Float64Array): { readonly lower: number; readonly upper: number } {
  const sorted = draws.slice().sort();
  const outside = Math.floor(0.025 * sorted.length);
  return { lower: sorted[outside]!, upper: sorted[sorted.length - 1 - outside]! };
}
