import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TokenmarkError } from "@tokenmark/core";

/** What a run of the program is given. */
interface ProgramRun {
  readonly args: readonly string[];
  readonly timeoutMs: number;
}

const PROGRAM = "apertium";
/** Some 5,000 words a second go both ways; a batch of a suite has a tenth of a million at most. */
const TIMEOUT_MS = 300_000;

/** Runs apertium once, without a shell. Null if there is no such program. */
function runProgram({ args, timeoutMs }: ProgramRun): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(PROGRAM, args, { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
    const out: Buffer[] = [];
    let complaint = "";
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(0, 500);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") resolve(null);
      else reject(new TokenmarkError("io", `apertium: could not be run, ${error.message}`, { cause: error }));
    });
    child.on("close", (status, signal) => {
      if (status === 0) resolve(Buffer.concat(out).toString("utf8"));
      else {
        const why = signal === null ? `status ${status}` : `${signal}, after ${timeoutMs / 1000} s at most`;
        reject(new TokenmarkError("io", `apertium ${args.join(" ")}: ended with ${why}: ${complaint.split("\n")[0]}`));
      }
    });
  });
}

/** The translation modes that are installed; null where apertium is not. */
export async function apertiumModes(): Promise<ReadonlySet<string> | null> {
  const listed = await runProgram({ args: ["-l"], timeoutMs: TIMEOUT_MS });
  return listed === null ? null : new Set(listed.split("\n").map((line) => line.trim()));
}

// A blank line ends a sentence for apertium's deformatter and comes out as it went in.
const SEPARATOR = "\n\n";

/**
 * Translates lines in one process, one line a line given.
 *
 * @throws TokenmarkError `io` if apertium is missing, fails or takes too long.
 */
export async function apertiumTranslate(mode: string, lines: readonly string[]): Promise<string[]> {
  if (lines.length === 0) return [];
  const flat = lines.map((line) => line.replaceAll(/\s+/g, " "));
  // From a file: its scripts open /dev/stdin by name, which fails for the socket that Node gives a child.
  const folder = await mkdtemp(join(tmpdir(), "tokenmark-apertium-"));
  let answer: string | null;
  try {
    const file = join(folder, "lines.txt");
    await writeFile(file, flat.join(SEPARATOR) + SEPARATOR);
    answer = await runProgram({ args: ["-u", mode, file], timeoutMs: TIMEOUT_MS });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (answer === null) throw new TokenmarkError("io", "apertium: wanted it installed, got no such program");
  const translated = answer.replace(/\s+$/, "").split(SEPARATOR);
  if (translated.length === lines.length) return translated.map((line) => line.trim());
  if (translated.join("") === "") {
    throw new TokenmarkError("io", `apertium ${mode}: wanted a translation of ${lines.length} lines, got nothing`);
  }
  // Something in the batch ran into its neighbour: halves find it.
  if (lines.length === 1) return [translated.join(" ").trim()];
  const middle = lines.length >> 1;
  return [
    ...(await apertiumTranslate(mode, lines.slice(0, middle))),
    ...(await apertiumTranslate(mode, lines.slice(middle))),
  ];
}
