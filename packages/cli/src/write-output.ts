import { writeFile } from "node:fs/promises";
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

/** Writes JSON for people to read to a file, `-` being stdout. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (path === STDIN) return writeStdout(text);
  await writeFile(path, text).catch((error: unknown) => {
    throw new TokenmarkError("io", `${path}: cannot be written, ${fileReason(error)}`, { cause: error });
  });
}

/** Whether to colour what goes to stdout: a terminal, unless https://no-color.org says no; FORCE_COLOR says yes. */
export function coloursWanted(): boolean {
  const { NO_COLOR = "", FORCE_COLOR = "" } = process.env;
  if (NO_COLOR !== "") return false;
  return FORCE_COLOR === "" ? process.stdout.isTTY === true : FORCE_COLOR !== "0";
}
