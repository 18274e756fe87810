import { join } from "node:path";
import { sha256 } from "./sha256.ts";
import { readStored, storeJson } from "./stored-json.ts";

/** Where a run keeps what it has computed, so that a killed run goes on. */
export interface WorkFolder {
  /**
   * The value of a name, from its file if that was made from the same `about`, else computed and stored. `about` is everything the value
   * depends on. A half-written file is made again and told of; what throws is not stored.
   */
  keep<T>(names: readonly string[], about: unknown, compute: () => Promise<T> | T): Promise<T>;
  /** How many values came from files, and how many were computed. */
  readonly counts: { readonly kept: number; readonly computed: number };
}

/** A name as part of a path, unique however odd it is. */
export function filePart(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9.=_-]+/g, "-");
  return plain === name && plain !== "." && plain !== ".."
    ? plain
    : `${plain.slice(0, 60)}-${sha256(name).slice(0, 8)}`;
}

/** Opens a work folder. `onDamaged` is told of files that are made again. */
export function openWorkFolder(folder: string, onDamaged: (file: string) => void = () => {}): WorkFolder {
  const counts = { kept: 0, computed: 0 };
  return {
    counts,
    async keep<T>(names: readonly string[], about: unknown, compute: () => Promise<T> | T): Promise<T> {
      const file = `${join(folder, ...names.map(filePart))}.json`;
      const fingerprint = sha256(JSON.stringify(about));
      const found = readStored<T>(file, fingerprint);
      if (found.state === "kept") {
        counts.kept++;
        return found.value;
      }
      if (found.state === "damaged") onDamaged(file);
      const value = await compute();
      storeJson(file, fingerprint, about, value);
      counts.computed++;
      return value;
    },
  };
}
