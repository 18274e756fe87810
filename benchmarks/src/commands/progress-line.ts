import type { SurvivalProgress } from "../survival/survival-run.ts";

/** Where progress goes. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const EVERY_MS = 15_000;

/** Prints how far a run is: one line that is written over on a terminal, else one line every fifteen seconds. */
export function progressLine(
  output: ProgressOutput,
  now: () => number = Date.now,
): (progress: SurvivalProgress) => void {
  const start = now();
  let last = Number.NEGATIVE_INFINITY;
  return ({ what, done, total }) => {
    const seconds = (now() - start) / 1000;
    const line = `${done}/${total}  ${formatSeconds(seconds)} so far  ${what}`;
    if (output.isTTY) output.write(`\r\u001b[K${line}${done === total ? "\n" : ""}`);
    else if (done === total || now() - last >= EVERY_MS) {
      last = now();
      output.write(`${line}\n`);
    }
  };
}

/** 75 → "1 min 15 s". */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
