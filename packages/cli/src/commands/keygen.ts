import { resolve } from "node:path";
import { Key, TokenmarkError } from "@tokenmark/core";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { readKeyFile, writeKeyFile } from "../key-file.ts";
import { STDIN } from "../read-input.ts";
import { writeStdout } from "../write-output.ts";

const HELP = `
Prints the key's public id, which profiles and receipts name; the key itself is never shown.
Whoever holds the key can find the mark, and also forge and remove it: back the file up, and hand it on by a confidential way.

With --from and --label the key is derived from a master key: same label, same key, and nobody gets from it to the master or to another label's.

Examples:
  tokenmark keygen --out master.key
  tokenmark keygen --from master.key --label "account 17, 2026-11" --out 17.key
`;

interface Flags {
  readonly out: string;
  readonly force?: boolean;
  readonly from?: string;
  readonly label?: string;
}

/** Refuses to lose the master key, and labels with a space that nobody sees. */
function checkFlags({ out, from, label }: Flags): void {
  if (from !== undefined && resolve(from) === resolve(out)) {
    throw new TokenmarkError("bad-argument", `--out: wanted another file than the master key's, got ${out}`);
  }
  if (label !== undefined && label !== label.trim()) {
    throw new TokenmarkError(
      "bad-argument",
      `--label: wanted a label without spaces around it, got ${JSON.stringify(label)}`,
    );
  }
}

/** A new key, or that of `--label` under the master key of `--from`. */
async function makeKey({ from, label }: Flags): Promise<Key> {
  if (from === undefined && label === undefined) return Key.random();
  if (from !== undefined && label !== undefined) return (await readKeyFile(from)).derive(label);
  const [there, lacking] = from === undefined ? ["--label", "--from"] : ["--from", "--label"];
  throw new TokenmarkError("bad-argument", `${there}: wanted ${lacking} beside it, got none`);
}

/** `tokenmark keygen`. */
export function keygenCommand(_context: CommandContext): Command {
  return new Command("keygen")
    .description("make a new secret key")
    .requiredOption("--out <file>", "where to write it, readable by you alone")
    .option("--from <file>", "master key to derive it from")
    .option("--label <text>", "with --from: what it is for, such as an account and month")
    .option("--force", "replace a file that exists")
    .addHelpText("after", HELP)
    .action(async (flags: Flags) => {
      const { out, force = false } = flags;
      if (out === STDIN) throw new TokenmarkError("key-file", "--out: wanted a file, got -; a key is never printed");
      checkFlags(flags);
      const key = await makeKey(flags);
      await writeKeyFile(out, key, { force });
      await writeStdout(`${key.id}\n`);
    });
}
