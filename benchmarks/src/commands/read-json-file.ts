import { TokenmarkError } from "@tokenmark/core";
import { readTextFile } from "../survival/read-text-file.ts";

/**
 * Parses a JSON file that the user names.
 *
 * @param what - what it is, for the message.
 * @throws TokenmarkError `io`, `bad-config`.
 */
export function readJsonFile(what: string, file: string): unknown {
  const text = readTextFile(what, file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TokenmarkError("bad-config", `${what}: wanted JSON in ${file}, got something else`, { cause });
  }
}
