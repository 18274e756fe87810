import type { ExitStatus } from "./exit-status.ts";

/** What one run of the command line shares with the command it runs. */
export interface CommandContext {
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Ends the run with a status other than "nothing found". */
  end(status: ExitStatus): void;
}
