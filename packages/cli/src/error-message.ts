import { TokenmarkError, type TokenmarkErrorCode } from "@tokenmark/core";

/** What to do about it, where the library cannot know that a command line is asking. */
const HINTS: Partial<Record<TokenmarkErrorCode, string>> = {
  "key-mismatch": "a verdict under another key than the profile's would mean nothing",
  "tokenizer-mismatch": "give the right model with --model DIR",
  "vocabulary-mismatch": "give the right model with --model DIR",
  "too-long": "give a smaller --max-tokens",
};

/** Hides what may be a key: somebody may have typed one where a file name belongs. */
export function hideSecrets(text: string): string {
  return text.replaceAll(/[0-9a-fA-F]{32,}/g, "[hidden: looks like a key]");
}

/** One sentence for a person; never a stack, never a key. */
export function describeError(error: unknown): string {
  if (error instanceof TokenmarkError) {
    const hint = HINTS[error.code];
    return hideSecrets(`${error.message}${hint === undefined ? "" : `; ${hint}`}`);
  }
  const message = error instanceof Error ? error.message.split("\n")[0]! : String(error);
  return hideSecrets(`unexpected error: ${message} (TOKENMARK_DEBUG=1 shows where)`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
  EEXIST: "it exists already",
  ENOSPC: "no space is left",
};

/** Why a file could not be read or written, in words. */
export function fileReason(error: unknown): string {
  const { code = "", message = "unknown reason" } = (error ?? {}) as NodeJS.ErrnoException;
  return REASONS[code] ?? (code || message);
}
