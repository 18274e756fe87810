/** Stable, machine-readable reasons. A released code keeps its meaning. */
export type TokenmarkErrorCode =
  | "bad-argument"
  | "bad-key"
  | "key-file"
  | "bad-config"
  | "bad-profile"
  | "unknown-contract"
  | "read-only"
  | "key-mismatch"
  | "tokenizer-mismatch"
  | "vocabulary-mismatch"
  | "all-masked"
  | "nan-logits"
  | "bad-logits"
  | "no-random"
  | "needs-sampling"
  | "unsupported-host"
  | "model-not-found"
  | "model-incomplete"
  | "network"
  | "timeout"
  | "unauthorized"
  | "rate-limited"
  | "bad-answer"
  | "server-error"
  | "unsupported-server"
  | "empty-text"
  | "io"
  | "aborted"
  | "too-long";

/**
 * The one error this library throws. `message` names the argument, what was wanted and what was got, never a key;
 * `code` is stable across releases.
 */
export class TokenmarkError extends Error {
  override readonly name = "TokenmarkError";
  readonly code: TokenmarkErrorCode;

  constructor(code: TokenmarkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
