import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { profileCalibrateCommand } from "./profile-calibrate.ts";
import { profileCreateCommand } from "./profile-create.ts";
import { profileShowCommand } from "./profile-show.ts";

const HELP = `
A profile is what a deployer publishes to auditors: scheme, parameters, tokenizer, the key's public id, and, once measured, what
marked text scores. The key travels apart.

Example:
  tokenmark profile create --scheme synthid --key-file a.key --out p.json
  tokenmark profile calibrate --profile p.json
  tokenmark profile show p.json
`;

/** `tokenmark profile …`. */
export function profileCommand(context: CommandContext): Command {
  const command = new Command("profile").description("make, measure and read profiles").addHelpText("after", HELP);
  for (const make of [profileCreateCommand, profileCalibrateCommand, profileShowCommand])
    command.addCommand(make(context));
  return command;
}
