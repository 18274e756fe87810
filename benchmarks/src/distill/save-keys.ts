import { chmodSync } from "node:fs";
import { createProfile, type Key } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import type { SchemeMaker } from "../survival/scheme-maker.ts";
import { writeWhole } from "../survival/write-whole.ts";
import type { Bench } from "./bench.ts";

/** Key files that others may read are refused by the command line, even those that protect nothing. */
function writePrivate(file: string, text: string): void {
  writeWhole(file, text);
  chmodSync(file, 0o600);
}

function saveProfile(base: string, key: Key, { config }: SchemeMaker, { teacher }: Pick<Bench, "teacher">): void {
  const profile = createProfile({ scheme: config, key, tokenizer: teacher.identity }, { registry: engineRegistry });
  writeWhole(`${base}.profile.json`, `${JSON.stringify(profile, null, 2)}\n`);
}

/** Writes a dataset's key and profile beside it, as the command line reads them: for `audit-model plan` and `run`. */
export function saveKey(base: string, key: Key, maker: SchemeMaker, bench: Pick<Bench, "teacher">): void {
  saveProfile(base, key, maker, bench);
  writePrivate(`${base}.key`, `${maker.engine === null ? key.exportHex() : JSON.stringify(key.engineSecret())}\n`);
}

/** Writes what `audit-model trace` wants beside a dataset: the master key, the labels that accounts' keys are derived by, and a profile. */
export function saveAccounts(
  base: string,
  keyNames: readonly string[],
  maker: SchemeMaker,
  bench: Pick<Bench, "teacher">,
): void {
  // Keys of engines do not derive by label.
  if (maker.engine !== null) return;
  saveProfile(base, maker.keyOf(keyNames[0]!), maker, bench);
  writePrivate(`${base}.master.key`, `${maker.master.exportHex()}\n`);
  writeWhole(`${base}.accounts.txt`, `${keyNames.map((name) => maker.labelOf(name)).join("\n")}\n`);
}
