import { runCommandLine } from "../src/index.ts";
import type { Ended, RunOptions } from "./run-tokenmark.ts";

/**
 * Runs a command line in this process, for the many that only answer: a process of its own costs each a second. Whatever is about
 * bytes, pipes, signals or the ending of a process is tested on processes.
 */
export function answer(args: readonly string[], options: Omit<RunOptions, "stdin">): Promise<Ended> {
  // One at a time: folder, environment and output belong to the whole process.
  const mine = latest.then(() => answerAlone(args, options));
  latest = mine.catch(() => undefined);
  return mine;
}

let latest: Promise<unknown> = Promise.resolve();

async function answerAlone(args: readonly string[], { cwd, env = {} }: Omit<RunOptions, "stdin">): Promise<Ended> {
  const before = { cwd: process.cwd(), env: process.env, out: process.stdout.write, err: process.stderr.write };
  const said = { stdout: "", stderr: "" };
  const listen = (name: keyof typeof said) =>
    ((text: string | Uint8Array, ...rest: unknown[]): boolean => {
      said[name] += typeof text === "string" ? text : new TextDecoder().decode(text);
      (rest.at(-1) as (() => void) | undefined)?.();
      return true;
    }) as typeof process.stdout.write;
  const { NO_COLOR: _, FORCE_COLOR: __, TOKENMARK_KEY: ___, TOKENMARK_MODEL: ____, ...rest } = process.env;
  try {
    process.chdir(cwd);
    process.env = { ...rest, ...env };
    process.stdout.write = listen("stdout");
    process.stderr.write = listen("stderr");
    const status = await runCommandLine(args);
    return { status, ...said };
  } finally {
    process.stdout.write = before.out;
    process.stderr.write = before.err;
    process.env = before.env;
    process.chdir(before.cwd);
  }
}
