/** Learns what a question costs. */
export interface CallTiming {
  /** One question for `count` positions took `ms`. */
  observe(count: number, ms: number): void;
  /**
   * Cost of one more position over that of a question for it alone: t / (L + t), where a question for m positions takes L + m · t; null
   * while too little is known. In [0, 1].
   */
  readonly shareOfPosition: number | null;
}

/** A server's speed changes with its load: what is older than some twenty questions no longer counts. */
const DECAY = 0.95;
const ENOUGH = 10;
/** A question that had to be asked again, or waited behind others, says nothing of the usual cost. */
const OUTLIER = 5;

/** Least squares over the latest questions' durations. The first question is left out: with it the whole prompt is evaluated. */
export function createCallTiming(): CallTiming {
  let seen = -1;
  let weight = 0;
  let meanCount = 0;
  let meanMs = 0;
  let variance = 0;
  let covariance = 0;
  return {
    observe(count: number, ms: number): void {
      seen++;
      if (seen === 0 || (seen > ENOUGH && ms > OUTLIER * meanMs)) return;
      weight = DECAY * weight + 1;
      const gain = 1 / weight;
      const [fromCount, fromMs] = [count - meanCount, ms - meanMs];
      meanCount += gain * fromCount;
      meanMs += gain * fromMs;
      variance += gain * (fromCount * (count - meanCount) - variance);
      covariance += gain * (fromCount * (ms - meanMs) - covariance);
    },
    get shareOfPosition(): number | null {
      if (seen < ENOUGH || !(variance > 0.05)) return null;
      const position = Math.max(0, covariance / variance);
      const question = Math.max(0, meanMs - position * meanCount);
      return question + position > 0 ? position / (question + position) : null;
    },
  };
}
