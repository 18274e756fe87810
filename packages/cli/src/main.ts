import { runCommandLine } from "./run-command-line.ts";

// Set, not exited with: what is still on its way to stdout arrives.
process.exitCode = await runCommandLine(process.argv.slice(2));
