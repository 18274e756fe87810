export { type ExitStatus, exitStatus } from "./exit-status.ts";
export { parseReceipt, type Receipt } from "./receipt.ts";
export { runCommandLine } from "./run-command-line.ts";
