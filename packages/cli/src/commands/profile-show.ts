import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { describeProfile } from "../describe-profile.ts";
import { STDIN } from "../read-input.ts";
import { readProfile } from "../scheme-choice.ts";
import { writeJson, writeStdout } from "../write-output.ts";

const HELP = `
The file is checked strictly: a field that Tokenmark does not know could be the one that makes a verdict wrong.

Example:
  tokenmark profile show p.json
`;

/** `tokenmark profile show`. */
export function profileShowCommand({ signal }: CommandContext): Command {
  return new Command("show")
    .description("say what a profile says")
    .argument("<file>", "the profile; - is standard input")
    .option("--json", "print the checked profile as JSON")
    .addHelpText("after", HELP)
    .action(async (file: string, { json = false }: { readonly json?: boolean }) => {
      const profile = await readProfile(file, signal);
      if (json) await writeJson(STDIN, profile);
      else await writeStdout(`${describeProfile(profile).join("\n")}\n`);
    });
}
