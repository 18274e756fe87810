import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { TokenmarkError } from "@tokenmark/core";
import { fileReason } from "./error-message.ts";

/** The name under which standard input goes on a command line. */
export const STDIN = "-";

async function readStdin(signal: AbortSignal): Promise<Buffer> {
  if (process.stdin.readableEnded) throw new Error("it was read already for another argument");
  if (process.stdin.isTTY) process.stderr.write("tokenmark: reading from the terminal; end with Ctrl-D\n");
  const chunks: Buffer[] = [];
  for await (const chunk of addAbortSignal(signal, process.stdin)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * Reads a text as it is, `-` being standard input; only a byte order mark at its start is dropped.
 *
 * @throws TokenmarkError `io` if it cannot be read or is not UTF-8: a PDF, say, is no text that a verdict could speak of.
 */
export async function readText(path: string, signal: AbortSignal): Promise<string> {
  const name = path === STDIN ? "standard input" : path;
  const bytes = await (path === STDIN ? readStdin(signal) : readFile(path, { signal })).catch((error: unknown) => {
    throw new TokenmarkError("io", `${name}: cannot be read, ${fileReason(error)}`, { cause: error });
  });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TokenmarkError("io", `${name}: wanted text in UTF-8, got bytes that are none`, { cause });
  }
}

/** Reads a prompt. Editors and `echo` end a file with a line break; that one is not part of the prompt. */
export async function readPrompt(path: string, signal: AbortSignal): Promise<string> {
  return (await readText(path, signal)).replace(/\r?\n$/, "");
}

/** Reads JSON; the text itself never enters the message. */
export async function readJson(path: string, what: string, signal: AbortSignal): Promise<unknown> {
  const text = await readText(path, signal);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TokenmarkError("io", `${what} ${path}: wanted JSON, got text that does not parse`, { cause });
  }
}
