import { readFileSync } from "node:fs";

/**
 * Reads a JSON vector file that lies beside a test.
 *
 * @param from - the test's `import.meta.url`.
 * @param path - relative to the test file.
 *
 * @example
 * const { tags } = readVectors<{ tags: Record<string, string[]> }>(import.meta.url, "vectors/chaskey12.json");
 */
export function readVectors<T>(from: string, path: string): T {
  return JSON.parse(readFileSync(new URL(path, from), "utf8")) as T;
}
