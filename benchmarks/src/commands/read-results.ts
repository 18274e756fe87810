import { TokenmarkError } from "@tokenmark/core";
import { readTextFile } from "../survival/read-text-file.ts";
import type { SurvivalResults } from "../survival/results.ts";

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
  const lists = ["models", "schemes", "attacks", "cells", "quality", "distribution", "adversaries"] as const;
  if (
    value?.benchmark !== "survival" ||
    value.format !== 1 ||
    !lists.every((name) => Array.isArray(value[name])) ||
    !Array.isArray(value.settings?.lengths)
  ) {
    throw new TokenmarkError("bad-config", `results: wanted a results.json of the survival benchmark, got ${file}`);
  }
  // Results of before failures were kept apart had none.
  return { failures: [], ...value } as unknown as SurvivalResults;
}
