/** How the learning rate moves over a run. */
export interface LearningRateSchedule {
  /** Highest rate, reached after the warm-up. */
  readonly peak: number;
  /** Steps of linear rise from zero. */
  readonly warmup: number;
  /** Rate at the last step, as a fraction of the peak. */
  readonly finalFraction: number;
}

/** Rate at `step` (first: 0) of `steps`: linear rise, then half a cosine down (Loshchilov & Hutter 2017, eq. 5). */
export function learningRateAt(step: number, steps: number, schedule: LearningRateSchedule): number {
  const { peak, warmup, finalFraction } = schedule;
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return peak * (finalFraction + (1 - finalFraction) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
