import { Command } from "commander";
import type { CommandContext } from "./command-context.ts";
import { auditModelCommand } from "./commands/audit-model.ts";
import { conformanceCommand } from "./commands/conformance.ts";
import { contractsCommand } from "./commands/contracts.ts";
import { demoCommand } from "./commands/demo.ts";
import { detectCommand } from "./commands/detect.ts";
import { diagnoseCommand } from "./commands/diagnose.ts";
import { generateCommand } from "./commands/generate.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { keygenCommand } from "./commands/keygen.ts";
import { probeCommand } from "./commands/probe.ts";
import { profileCommand } from "./commands/profile.ts";
import { hideSecrets } from "./error-message.ts";
import { version } from "./version.ts";

const HELP = `
How it goes:
  tokenmark keygen --out a.key                                            a secret, for whoever marks and whoever detects
  tokenmark generate --scheme synthid --key-file a.key "Once" > out.txt   text that carries the mark
  tokenmark detect --scheme synthid --key-file a.key out.txt              is this key's mark in the text?
  tokenmark profile create --scheme synthid --key-file a.key --out p.json what an auditor gets beside the key
  tokenmark audit-model plan --profile p.json --transcripts t.jsonl       was a model trained on marked answers? first the plan
  tokenmark probe --url http://127.0.0.1:8080                             can text be marked through this server?
  tokenmark contracts                                                     whose marks besides our own can be read

Keys come from --key-file FILE (private to its owner: chmod 600) or from the variable TOKENMARK_KEY (64 hex digits),
never from an argument, which other users of the machine could read.

Without --model the small model that ships with Tokenmark is used; TOKENMARK_MODEL names another for all commands.

Exit status: 0 no mark found (or none looked for), 1 a mark was found, 2 an error, which one sentence on stderr explains.
`;

const COMMANDS = [
  keygenCommand,
  profileCommand,
  generateCommand,
  probeCommand,
  detectCommand,
  diagnoseCommand,
  inspectCommand,
  auditModelCommand,
  contractsCommand,
  conformanceCommand,
  demoCommand,
];

/** Builds the command line. Commands write results to stdout and whatever else they have to say to stderr. */
export function createProgram(context: CommandContext): Command {
  const program = new Command("tokenmark")
    .description("Watermarks for language-model text: write it marked, find the mark again, with an honest p-value.")
    .version(version)
    .addHelpText("after", HELP);
  for (const make of COMMANDS) program.addCommand(make(context));
  configure(program);
  return program;
}

/** Errors are thrown, not exited with, at every level; and what commander echoes of the arguments may be a key. */
function configure(command: Command): void {
  command.exitOverride().configureOutput({
    writeErr: (text) => process.stderr.write(hideSecrets(text)),
    outputError: (text, write) => write(`tokenmark: ${text.replace(/^error: /, "")}`),
  });
  command.showHelpAfterError("(add --help for usage and examples)");
  for (const child of command.commands) configure(child);
}
