import { readFileSync } from "node:fs";
import { sha256 } from "./sha256.ts";
import { writeWhole } from "./write-whole.ts";

/** What a file holds: a value, what it was made from, and a digest that a half-written file does not match. */
interface Stored {
  readonly fingerprint: string;
  readonly sha256: string;
  readonly about: unknown;
  readonly value: unknown;
}

/** What was found in a file. */
export type Found<T> =
  | { readonly state: "kept"; readonly value: T }
  /** There is none, or one that was made from something else. */
  | { readonly state: "absent" | "outdated" }
  /** Half-written or changed by hand: to be made again. */
  | { readonly state: "damaged" };

/** Reads a value that {@link storeJson} wrote under the same fingerprint. */
export function readStored<T>(file: string, fingerprint: string): Found<T> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { state: "absent" };
  }
  let stored: Partial<Stored>;
  try {
    stored = JSON.parse(text) as Partial<Stored>;
  } catch {
    return { state: "damaged" };
  }
  if (stored?.value === undefined || stored.sha256 !== digest(stored.value)) return { state: "damaged" };
  return stored.fingerprint === fingerprint ? { state: "kept", value: stored.value as T } : { state: "outdated" };
}

/** Writes a value whole or not at all, with what it is about for whoever opens the file. */
export function storeJson(file: string, fingerprint: string, about: unknown, value: unknown): void {
  const stored: Stored = { fingerprint, sha256: digest(value), about, value };
  writeWhole(file, `${JSON.stringify(stored, null, 1)}\n`);
}

const digest = (value: unknown): string => sha256(JSON.stringify(value));
