import { readFileSync } from "node:fs";
import type { Operation } from "../src/conformance/golden.ts";
import { type CaseResult, readGolden, runCase } from "../src/conformance/run-golden.ts";

/** Runs a file of `test/vectors` and returns what failed, so that a test can say `toEqual([])`. */
export function failuresOf(file: string, operations: readonly Operation[]): readonly CaseResult[] {
  const text = readFileSync(new URL(`vectors/${file}`, import.meta.url), "utf8");
  return readGolden(text)
    .map((golden) => runCase(golden, operations))
    .filter(({ passed }) => !passed);
}
