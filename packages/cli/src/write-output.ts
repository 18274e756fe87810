import { constants } from "node:fs";
import { access, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { fileReason } from "./error-message.ts";
import { STDIN } from "./read-input.ts";

/** Writes to stdout and waits until it is taken, so that a slow reader slows us down and a closed pipe ends the work. */
export function writeStdout(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error == null) resolve();
      else if ((error as NodeJS.ErrnoException).code === "EPIPE") reject(error);
      else reject(new TokenmarkError("io", `standard output: cannot be written, ${fileReason(error)}`));
    });
  });
}

/** Says something about the work; results never come this way. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

const cannotWrite = (path: string, error: unknown): TokenmarkError =>
  new TokenmarkError("io", `${path}: cannot be written, ${fileReason(error)}`, { cause: error });

/**
 * Refuses a file that {@link writeJson} could not write, before work of hours is done for it; none and stdout are fine.
 *
 * @throws TokenmarkError `io`.
 */
export async function checkWritable(path: string | undefined): Promise<void> {
  if (path === undefined || path === STDIN) return;
  try {
    const present = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (present?.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    await access(present === null ? dirname(resolve(path)) : path, constants.W_OK);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Writes JSON for people to read to a file, `-` being stdout. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (path === STDIN) return writeStdout(text);
  await writeFile(path, text).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
}

/** Whether to colour what goes to stdout: a terminal, unless https://no-color.org says no; FORCE_COLOR says yes. */
export function coloursWanted(): boolean {
  const { NO_COLOR = "", FORCE_COLOR = "" } = process.env;
  if (NO_COLOR !== "") return false;
  return FORCE_COLOR === "" ? process.stdout.isTTY === true : FORCE_COLOR !== "0";
}
