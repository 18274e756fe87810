import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll } from "vitest";
import { answer } from "./run-in-process.ts";
import { type Ended, temporaryFolder } from "./run-tokenmark.ts";

/** A temporary folder with a.key, other.key, prompt.txt, a text marked by gumbel (out.txt, r.json) and its profile p.json. */
export interface MarkedFolder {
  readonly cwd: string;
  write(name: string, content: string | Uint8Array): void;
  read(name: string): string;
  run(...args: string[]): Promise<Ended>;
  /** `detect` with the right scheme and key. */
  detect(...args: string[]): Promise<Ended>;
}

const PROMPT = "The people of the city";

/** Makes the folder before the tests of a file. */
export function markedFolder(): MarkedFolder {
  const cwd = temporaryFolder();
  const write = (name: string, content: string | Uint8Array): void =>
    writeFileSync(join(cwd, name), content, { mode: 0o600 });
  const read = (name: string): string => readFileSync(join(cwd, name), "utf8");
  const run = (...args: string[]): Promise<Ended> => answer(args, { cwd });
  const detect = (...args: string[]): Promise<Ended> =>
    run("detect", "--scheme", "gumbel", "--key-file", "a.key", ...args);

  beforeAll(async () => {
    write("a.key", "5a".repeat(32));
    write("other.key", "a5".repeat(32));
    write("prompt.txt", `${PROMPT}\n`);
    const flags = "--scheme gumbel --key-file a.key --seed 3 --max-tokens 60 --receipt r.json".split(" ");
    write("out.txt", (await run("generate", ...flags, PROMPT)).stdout);
    await run(..."profile create --scheme gumbel --key-file a.key --out p.json".split(" "));
  });
  return { cwd, write, read, run, detect };
}
