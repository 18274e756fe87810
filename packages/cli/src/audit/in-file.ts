import { TokenmarkError } from "@tokenmark/core";

/** An error about what a file holds, its name before the message; others stay as they are. */
export const inFile = (path: string, cause: unknown): unknown =>
  cause instanceof TokenmarkError ? new TokenmarkError(cause.code, `${path}: ${cause.message}`, { cause }) : cause;
