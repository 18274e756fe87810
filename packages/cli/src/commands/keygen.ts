import { Key, TokenmarkError } from "@tokenmark/core";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { writeKeyFile } from "../key-file.ts";
import { STDIN } from "../read-input.ts";
import { writeStdout } from "../write-output.ts";

const HELP = `
Prints the key's public id, which profiles and receipts name; the key itself is never shown.
Whoever holds the key can find the mark, and also forge and remove it: back the file up, and hand it on by a confidential way.

Example:
  tokenmark keygen --out a.key
`;

/** `tokenmark keygen`. */
export function keygenCommand(_context: CommandContext): Command {
  return new Command("keygen")
    .description("make a new secret key")
    .requiredOption("--out <file>", "where to write it, readable by you alone")
    .option("--force", "replace a file that exists")
    .addHelpText("after", HELP)
    .action(async ({ out, force = false }: { readonly out: string; readonly force?: boolean }) => {
      if (out === STDIN) throw new TokenmarkError("key-file", "--out: wanted a file, got -; a key is never printed");
      const key = Key.random();
      await writeKeyFile(out, key, { force });
      await writeStdout(`${key.id}\n`);
    });
}
