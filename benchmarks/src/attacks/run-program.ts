import { spawn } from "node:child_process";
import { TokenmarkError } from "@tokenmark/core";

/** What {@link runProgram} starts. */
export interface ProgramRun {
  /** Looked for in PATH. */
  readonly program: string;
  readonly args: readonly string[];
  /** Milliseconds until the program, and all that it started, is ended. */
  readonly timeoutMs: number;
}

/**
 * Runs a program without a shell and without input; what it wrote to its standard output. Null if there is no such program.
 *
 * @throws TokenmarkError `timeout`; `io` if it cannot be run or ends with another status than 0.
 */
export function runProgram({ program, args, timeoutMs }: ProgramRun): Promise<string | null> {
  return new Promise((resolve, reject) => {
    // A group of its own: ending a shell script alone leaves its pipeline running, with our end of the output still open.
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    const out: Buffer[] = [];
    let complaint = "";
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child.pid);
    }, timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(0, 500);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (error.code === "ENOENT") resolve(null);
      else reject(new TokenmarkError("io", `${program}: could not be run, ${error.message}`, { cause: error }));
    });
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      const command = [program, ...args].join(" ");
      if (timedOut) {
        const wanted = `wanted it to end within ${timeoutMs / 1000} s, got no end`;
        reject(new TokenmarkError("timeout", `${command}: ${wanted}`));
      } else if (status === 0) resolve(Buffer.concat(out).toString("utf8"));
      else {
        const why = signal === null ? `status ${status}` : signal;
        reject(new TokenmarkError("io", `${command}: ended with ${why}: ${complaint.split("\n")[0]}`));
      }
    });
  });
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // It ended in the meantime.
  }
}
