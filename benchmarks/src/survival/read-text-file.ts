import { readFileSync } from "node:fs";
import { TokenmarkError } from "@tokenmark/core";

/**
 * Reads a file that the user named.
 *
 * @param what - what it is to be, for the error.
 * @throws TokenmarkError `io`.
 */
export function readTextFile(what: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new TokenmarkError("io", `${what}: wanted a file, got ${file}, which cannot be read`, { cause });
  }
}
