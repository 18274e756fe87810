import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { fromApertiumStream, toApertiumStream } from "./apertium-stream.ts";
import { runProgram } from "./run-program.ts";

const PROGRAM = "apertium";
/** Some 5,000 words a second go both ways; a batch of a suite has a tenth of a million at most. */
const TIMEOUT_MS = 300_000;

/** The translation modes that are installed; null where apertium is not. */
export async function apertiumModes(): Promise<ReadonlySet<string> | null> {
  const listed = await runProgram({ program: PROGRAM, args: ["-l"], timeoutMs: TIMEOUT_MS });
  return listed === null ? null : new Set(listed.split("\n").map((line) => line.trim()));
}

/** The version as the program tells it; null where apertium is not installed. */
export async function apertiumVersion(): Promise<string | null> {
  return (await runProgram({ program: PROGRAM, args: ["-V"], timeoutMs: TIMEOUT_MS }))?.trim() ?? null;
}

/**
 * Translates lines in one process, one line a line given. Unknown words stay as they are. The same lines in the same order always give
 * the same; among others some 5 % of lines come out with a word translated otherwise, because apertium's tagger adds the kinds of
 * ambiguity that it meets to those it knows.
 *
 * @throws TokenmarkError `io` if apertium is missing or fails, `timeout` if it takes longer than `timeoutMs`.
 */
export async function apertiumTranslate(
  mode: string,
  lines: readonly string[],
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<string[]> {
  if (lines.length === 0) return [];
  const answer = await runStream(mode, toApertiumStream(lines), timeoutMs);
  const translated = fromApertiumStream(answer, lines.length);
  if (translated !== null) return translated;
  if (lines.length === 1) {
    throw new TokenmarkError("io", `apertium ${mode}: wanted the whole translation of a line, got a part or none`);
  }
  // A stage that falls over takes all later lines with it: halves find the one that it cannot do.
  const middle = lines.length >> 1;
  return [
    ...(await apertiumTranslate(mode, lines.slice(0, middle), { timeoutMs })),
    ...(await apertiumTranslate(mode, lines.slice(middle), { timeoutMs })),
  ];
}

async function runStream(mode: string, stream: string, timeoutMs: number): Promise<string> {
  // From a file: its scripts open /dev/stdin by name, which fails for the socket that Node gives a child.
  const folder = await mkdtemp(join(tmpdir(), "tokenmark-apertium-"));
  try {
    const file = join(folder, "lines");
    await writeFile(file, stream);
    const args = ["-u", "-z", "-f", "none", mode, file];
    const answer = await runProgram({ program: PROGRAM, args, timeoutMs });
    if (answer === null) throw new TokenmarkError("io", "apertium: wanted it installed, got no such program");
    return answer;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
