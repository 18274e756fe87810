/**
 * With what a process ends, as grep and gitleaks do: 0 ran and found no mark (or looked for none), 1 found one, 2 did not run to its end, and
 * one sentence on stderr says why. 130 and 141 as a shell reports Ctrl-C (128 + SIGINT) and a reader that left, as in `| head`
 * (128 + SIGPIPE).
 */
export type ExitStatus = 0 | 1 | 2 | 130 | 141;

/** Names of the {@link ExitStatus} values. */
export const exitStatus: {
  readonly nothingFound: 0;
  readonly found: 1;
  readonly error: 2;
  readonly interrupted: 130;
  readonly outputClosed: 141;
} = Object.freeze({ nothingFound: 0, found: 1, error: 2, interrupted: 130, outputClosed: 141 });
