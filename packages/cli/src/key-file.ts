import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { Key, TokenmarkError } from "@tokenmark/core";
import { type EngineContract, engineKey } from "@tokenmark/engines";
import { fileReason } from "./error-message.ts";

const KEY_VARIABLE = "TOKENMARK_KEY";
/** A key file of ours has 65 bytes, an engine's some hundred; whatever is much longer is something else and is not read. */
const MOST_BYTES = 4096;

/** Where a command's key comes from. */
export interface KeyOptions {
  readonly keyFile?: string;
}

function engineKeyFrom(text: string, contract: EngineContract): Key {
  let secrets: unknown;
  try {
    secrets = JSON.parse(text);
  } catch {
    const names = Object.keys(contract.secrets).join(", ");
    throw new TokenmarkError(
      "bad-key",
      `key: wanted a JSON object with ${names} for ${contract.id}, got something else`,
    );
  }
  return engineKey(contract, secrets as Readonly<Record<string, unknown>>);
}

function keyFrom(text: string, source: string, contract: EngineContract | undefined): Key {
  try {
    if (contract !== undefined) return engineKeyFrom(text, contract);
    if (/^\s*\{/.test(text)) {
      throw new TokenmarkError(
        "bad-key",
        "key: wanted 64 hex digits (256 bits), got JSON, as the keys of other engines are",
      );
    }
    return Key.fromHex(text);
  } catch (cause) {
    if (!(cause instanceof TokenmarkError)) throw cause;
    throw new TokenmarkError(cause.code, cause.message.replace(/^key/, source), { cause });
  }
}

/**
 * Reads a key file that nobody but its owner can read: 64 hex digits, or for an engine's contract a JSON object with the engine's
 * own secret parameters.
 *
 * @throws TokenmarkError `key-file` if it cannot be read or others can read it too, `bad-key` if it holds no key.
 */
export async function readKeyFile(path: string, contract?: EngineContract): Promise<Key> {
  const fail = (reason: string): TokenmarkError => new TokenmarkError("key-file", `key file ${path}: ${reason}`);
  const file = await open(path, "r").catch((error: unknown) => {
    throw fail(`cannot be read, ${fileReason(error)}`);
  });
  try {
    // Of the file that is open, so that it cannot be exchanged between the check and the reading.
    const stats = await file.stat();
    const { mode, size } = stats;
    if (stats.isDirectory()) throw fail("cannot be read, it is a folder");
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, "0");
      throw fail(`others than its owner have access (mode ${shown}); make it private with: chmod 600 ${path}`);
    }
    if (size > MOST_BYTES)
      throw fail(`wanted ${contract === undefined ? "64 hex digits" : "a small JSON object"}, got ${size} bytes`);
    const text = await file.readFile("utf8").catch((error: unknown) => {
      throw fail(`cannot be read, ${fileReason(error)}`);
    });
    return keyFrom(text, `key file ${path}`, contract);
  } finally {
    await file.close();
  }
}

/** The key of `--key-file`, else of the environment; undefined if neither is there. */
export async function findKey(options: KeyOptions, contract?: EngineContract): Promise<Key | undefined> {
  if (options.keyFile !== undefined) return readKeyFile(options.keyFile, contract);
  const text = process.env[KEY_VARIABLE];
  return text === undefined || text === "" ? undefined : keyFrom(text, KEY_VARIABLE, contract);
}

/** As {@link findKey}, for commands that cannot do without. */
export async function requireKey(options: KeyOptions, contract?: EngineContract): Promise<Key> {
  const key = await findKey(options, contract);
  if (key !== undefined) return key;
  if (contract !== undefined) {
    // TGI's key is a public constant, others have a default that servers run with; whoever leaves the key out means that one.
    if (Object.values(contract.secrets).every(({ fallback }) => fallback !== undefined)) return engineKey(contract, {});
    throw new TokenmarkError(
      "key-file",
      `key: wanted --key-file FILE with the engine's ${Object.keys(contract.secrets).join(", ")} as JSON, got none`,
    );
  }
  throw new TokenmarkError(
    "key-file",
    `key: wanted --key-file FILE or ${KEY_VARIABLE}, got neither; make a key with: tokenmark keygen --out FILE`,
  );
}

/**
 * Writes a new key file that only its owner can read. An existing file is another deployment's key and stays, unless
 * `force`; then it is replaced in one step.
 *
 * @throws TokenmarkError `key-file`.
 */
export async function writeKeyFile(path: string, key: Key, { force = false }: { force?: boolean } = {}): Promise<void> {
  const target = force ? `${path}.${randomUUID()}.key` : path;
  try {
    const file = await open(target, "wx", 0o600);
    try {
      await file.writeFile(`${key.exportHex()}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    if (force) await rename(target, path);
  } catch (error) {
    if (force) await rm(target, { force: true });
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    const reason = exists
      ? "exists already and may be in use; --force replaces it"
      : `cannot be written, ${fileReason(error)}`;
    throw new TokenmarkError("key-file", `key file ${path}: ${reason}`, { cause: error });
  }
}
