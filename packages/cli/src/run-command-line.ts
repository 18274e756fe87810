import { CommanderError } from "commander";
import type { CommandContext } from "./command-context.ts";
import { describeError, hideSecrets } from "./error-message.ts";
import { type ExitStatus, exitStatus } from "./exit-status.ts";
import { createProgram } from "./program.ts";

/** Asked to be set by somebody who is looking for a fault of ours; stacks are nobody else's business. */
const debugging = (): boolean => process.env.TOKENMARK_DEBUG === "1";

function isClosedOutput(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === "EPIPE";
}

/** A closed pipe is reported by the write that met it; the stream's event would end the process with a stack, and may come late. */
function leaveToTheWrite(): void {}

/** A key among the arguments is visible to every user of the machine, so it is refused before anything else happens. */
function refuseKeyArgument(args: readonly string[]): string | undefined {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.some((arg) => arg === "--key" || arg.startsWith("--key="))
    ? "--key: a key is never an argument, since other users of the machine can read those; use --key-file FILE or TOKENMARK_KEY"
    : undefined;
}

function report(error: unknown, interrupted: boolean): ExitStatus {
  if (isClosedOutput(error)) return exitStatus.outputClosed;
  if (interrupted) return exitStatus.interrupted;
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.nothingFound : exitStatus.error;
  process.stderr.write(`tokenmark: ${describeError(error)}\n`);
  if (debugging()) process.stderr.write(`${hideSecrets(String((error as Error)?.stack))}\n`);
  return exitStatus.error;
}

/**
 * Runs the command line and says with which status the process should end. Nothing is thrown and no stack is shown
 * (`TOKENMARK_DEBUG=1` shows it).
 *
 * @param args Without node and script: `["detect", "--scheme", "kgw", "text.txt"]`.
 */
export async function runCommandLine(args: readonly string[]): Promise<ExitStatus> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => {
    // The second one does not wait for the model's step to end.
    if (interrupt.signal.aborted) process.exit(exitStatus.interrupted);
    interrupt.abort();
  };
  process.on("SIGINT", onInterrupt);
  for (const stream of [process.stdout, process.stderr])
    stream.off("error", leaveToTheWrite).on("error", leaveToTheWrite);
  let status: ExitStatus = exitStatus.nothingFound;
  const context: CommandContext = {
    signal: interrupt.signal,
    end: (wanted) => {
      status = wanted;
    },
  };
  try {
    const refused = refuseKeyArgument(args);
    if (refused !== undefined) {
      process.stderr.write(`tokenmark: ${refused}\n`);
      return exitStatus.error;
    }
    await createProgram(context).parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    return report(error, interrupt.signal.aborted);
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}
