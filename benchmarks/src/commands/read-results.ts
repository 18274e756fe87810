import { TokenmarkError } from "@tokenmark/core";
import type { SurvivalResults } from "../survival/results.ts";
import { readTextFile } from "./read-text-file.ts";

/**
 * Reads a results.json of the survival benchmark.
 *
 * @throws TokenmarkError `io`, `bad-config`.
 */
export function readResults(file: string): SurvivalResults {
  const text = readTextFile("results", file);
  let value: Partial<SurvivalResults> | null;
  try {
    value = JSON.parse(text) as Partial<SurvivalResults> | null;
  } catch {
    throw new TokenmarkError("bad-config", `results: wanted whole JSON, got a damaged or half-written file: ${file}`);
  }
  if (value?.benchmark !== "survival" || value.format !== 1 || !Array.isArray(value.cells)) {
    throw new TokenmarkError("bad-config", `results: wanted a results.json of the survival benchmark, got ${file}`);
  }
  return value as SurvivalResults;
}
