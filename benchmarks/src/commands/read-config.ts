import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { TokenmarkError } from "@tokenmark/core";
import { suites } from "../survival/suites.ts";
import type { SurvivalConfig } from "../survival/survival-config.ts";
import { readJsonFile } from "./read-json-file.ts";

/**
 * A config from a file: JSON, or a module (.js, .mjs, .ts, .mts) whose default export it is, for models that only code can open. Fields that
 * are left out are those of the suite named `quick`.
 *
 * @throws TokenmarkError `io`, `bad-config`.
 */
export async function readConfig(file: string): Promise<SurvivalConfig> {
  const fields = file.endsWith(".json") ? readJsonFile("config", file) : await importModule(file);
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new TokenmarkError("bad-config", `config: wanted an object, got something else in ${file}`);
  }
  const known = Object.keys(suites.quick);
  for (const field of Object.keys(fields)) {
    if (!known.includes(field)) {
      throw new TokenmarkError(
        "bad-config",
        `config: wanted fields among ${known.join(", ")}, got ${field} in ${file}`,
      );
    }
  }
  const base = "schemes" in fields ? withoutLabels(suites.quick) : suites.quick;
  const merged: Record<string, unknown> = { ...base, ...fields };
  for (const [field, quick] of Object.entries(base)) {
    if (isPlain(quick) && isPlain(merged[field])) merged[field] = { ...quick, ...merged[field] };
  }
  // Its shape is checked where it is run, whoever made it.
  return merged as unknown as SurvivalConfig;
}

/** The suite's labels mean nothing to a config with schemes of its own: it names its own, or none is attacked. */
function withoutLabels(suite: SurvivalConfig): SurvivalConfig {
  return {
    ...suite,
    adversaries: { ...suite.adversaries, schemes: [] },
    distribution: { ...suite.distribution, biased: [] },
  };
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

async function importModule(file: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(resolve(file)).href)) as { default?: unknown }).default;
  } catch (cause) {
    throw new TokenmarkError("io", `config: wanted a module, got ${file}, which cannot be loaded`, { cause });
  }
}
