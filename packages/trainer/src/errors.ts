/** What went wrong, stable across releases. */
export type TrainerErrorCode =
  | "invalid-argument"
  | "corpus-missing"
  | "corpus-empty"
  | "checkpoint-truncated"
  | "checkpoint-mismatch"
  | "tokenizer-mismatch"
  | "loss-diverged";

/** The one error this package throws on purpose: the message names the argument, what was wanted and what came. */
export class TrainerError extends Error {
  readonly code: TrainerErrorCode;

  constructor(code: TrainerErrorCode, message: string) {
    super(message);
    this.name = "TrainerError";
    this.code = code;
  }
}
