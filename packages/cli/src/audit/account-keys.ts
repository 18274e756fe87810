import { type AnySchemeConfig, createScheme, type Key, TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { contractOf, engineRegistry } from "@tokenmark/engines";
import { oneLine } from "@tokenmark/radioactivity";
import { requireKey } from "../key-file.ts";
import { readText } from "../read-input.ts";

/** A registered account under its own key. */
export interface AccountKey {
  /** The account's label, or the key's public id where it has none. */
  readonly id: string;
  readonly keyId: string;
  readonly key: Key;
  readonly scheme: WatermarkScheme;
}

/** Where accounts are registered. */
export interface AccountFlags {
  readonly keyFile?: readonly string[];
  readonly accounts?: string;
}

/** The first name that stands twice. */
const findTwice = (names: readonly string[]): string | undefined => names.find((name, i) => names.indexOf(name) < i);

async function readLabels(path: string, signal: AbortSignal): Promise<readonly string[]> {
  const labels = (await readText(path, signal)).split(/\r?\n/).filter((line) => line.trim() !== "");
  const refuse = (what: string): never => {
    throw new TokenmarkError("bad-argument", `--accounts: ${what} in ${path}`);
  };
  if (labels.length === 0) refuse("wanted a label a line, got none");
  // A space that nobody sees makes another key.
  const padded = labels.find((label) => label !== label.trim());
  if (padded !== undefined) refuse(`wanted labels without spaces around them, got ${JSON.stringify(padded)}`);
  const broken = labels.find((label) => label !== oneLine(label));
  if (broken !== undefined) refuse(`wanted labels without control characters, got ${JSON.stringify(broken)}`);
  const twice = findTwice(labels);
  if (twice !== undefined) refuse(`wanted each label once, got ${twice} twice`);
  return labels;
}

/**
 * The keys of all accounts: derived from one master key by the labels of `--accounts`, or else the files of `--key-file`, one an account.
 *
 * @throws TokenmarkError `bad-argument`, `key-file`, `bad-key`, `io`.
 */
export async function readAccountKeys(
  config: AnySchemeConfig,
  { keyFile, accounts }: AccountFlags,
  signal: AbortSignal,
): Promise<readonly AccountKey[]> {
  const contract = contractOf(config);
  const account = (id: string, key: Key): AccountKey => ({
    id,
    keyId: key.id,
    key,
    scheme: createScheme(config, key, { registry: engineRegistry }),
  });
  if (accounts !== undefined && contract !== undefined) {
    throw new TokenmarkError(
      "bad-argument",
      `--accounts: wanted a mark whose keys derive by label, got ${contract.id}; give --key-file, one an account`,
    );
  }
  const keys: Key[] = [];
  for (const file of keyFile ?? [undefined]) {
    keys.push(await requireKey(file === undefined ? {} : { keyFile: file }, contract));
  }
  if (accounts === undefined) {
    const twice = findTwice(keys.map(({ id }) => id));
    if (twice !== undefined) {
      throw new TokenmarkError("bad-argument", `--key-file: wanted each key once, got ${twice} twice`);
    }
    return keys.map((key) => account(key.id, key));
  }
  if (keys.length > 1) {
    throw new TokenmarkError("bad-argument", `--key-file: wanted one master key beside --accounts, got ${keys.length}`);
  }
  return (await readLabels(accounts, signal)).map((label) => account(label, keys[0]!.derive(label)));
}
