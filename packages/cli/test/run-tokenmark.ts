import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const loader = pathToFileURL(join(root, "node_modules/tsx/dist/loader.mjs")).href;

/** What `pnpm tokenmark` runs, with the places in it absolute, so that it can be run in any folder. */
const script: string = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts.tokenmark;
const command: readonly string[] = script
  .split(" ")
  .map((word) =>
    word === "node"
      ? process.execPath
      : word === "tsx"
        ? loader
        : word.startsWith("packages/")
          ? join(root, word)
          : word,
  );

/** The same as one word of a shell. */
export const shellCommand: string = command.map((word) => `'${word}'`).join(" ");

/** How a process ended and what it said. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings of one process. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Only what a process needs of our environment: no colours, no key, no model of whoever runs the tests. */
function environment(env: RunOptions["env"]): NodeJS.ProcessEnv {
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env };
}

/** Starts the command line as a process. */
export function start(args: readonly string[], { cwd, env }: RunOptions): ChildProcessWithoutNullStreams {
  return spawn(command[0]!, [...command.slice(1), ...args], { cwd, env: environment(env) });
}

/** Waits for the end of a process. */
export function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) =>
      resolve({ status, stdout: Buffer.concat(out).toString("utf8"), stderr: Buffer.concat(err).toString("utf8") }),
    );
  });
}

/** Runs the command line as a process. */
export async function tokenmark(args: readonly string[], options: RunOptions): Promise<Ended> {
  const child = start(args, options);
  child.stdin.on("error", () => {});
  child.stdin.end(options.stdin ?? "");
  return ended(child);
}

/** Runs a line of shell in which `tm` is the command line. */
export function shell(line: string, options: RunOptions): Promise<Ended> {
  const child = spawn("sh", ["-c", line.replaceAll(/\btm\b(?= )/g, () => shellCommand)], {
    cwd: options.cwd,
    env: environment(options.env),
  });
  child.stdin.end(options.stdin ?? "");
  return ended(child);
}

/** A folder of a test file's own, removed at its end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tokenmark-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
