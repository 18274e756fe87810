import { timeMedian } from "../timing.ts";

/**
 * Median milliseconds of one call on a row that is written anew before each. A long row is written outside the clock; short ones are
 * timed `repeat` calls at a time, and the time of writing alone is taken off.
 */
export function timeRow(work: () => void, reset: () => void, repeat: number, runs: number): number {
  if (repeat === 1) return timeMedian(work, { runs, prepare: reset });
  const together = timeMedian(
    () => {
      for (let i = 0; i < repeat; i++) {
        reset();
        work();
      }
    },
    { runs },
  );
  const alone = timeMedian(
    () => {
      for (let i = 0; i < repeat; i++) reset();
    },
    { runs },
  );
  return (together - alone) / repeat;
}
