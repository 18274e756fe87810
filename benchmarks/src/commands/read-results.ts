import { readFileSync } from "node:fs";
import { TokenmarkError } from "@tokenmark/core";
import type { SurvivalResults } from "../survival/results.ts";

/**
 * Reads a results.json of the survival benchmark.
 *
 * @throws TokenmarkError `io`, `bad-config`.
 */
export function readResults(file: string): SurvivalResults {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new TokenmarkError("io", `results: wanted a file, got ${file}, which cannot be read`, { cause });
  }
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
