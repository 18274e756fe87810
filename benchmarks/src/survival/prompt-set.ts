import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { prompts as bundled } from "@tokenmark/demo-model";
import { sha256 } from "./sha256.ts";

/** What texts continue. */
export interface PromptSet {
  readonly name: string;
  readonly sha256: string;
  readonly prompts: readonly string[];
}

function promptOf(line: string, place: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new TokenmarkError("bad-config", `prompts: wanted JSON on each line, got something else at ${place}`);
  }
  const prompt = typeof parsed === "string" ? parsed : (parsed as { prompt?: unknown } | null)?.prompt;
  if (typeof prompt !== "string" || prompt === "") {
    throw new TokenmarkError("bad-config", `prompts: wanted a text in the field "prompt", got none at ${place}`);
  }
  return prompt;
}

/**
 * The prompts that a config names: "bundled", or a JSONL file with a field `prompt` (or a bare text) a line.
 *
 * @throws TokenmarkError `io`, `bad-config`.
 */
export function readPromptSet(name: string): PromptSet {
  if (name === "bundled") {
    return { name, sha256: sha256(JSON.stringify(bundled)), prompts: bundled };
  }
  let text: string;
  try {
    text = readFileSync(name, "utf8");
  } catch (cause) {
    throw new TokenmarkError("io", `prompts: wanted "bundled" or a JSONL file, got ${name}, which cannot be read`, {
      cause,
    });
  }
  const prompts = text
    .split(/\r?\n/)
    .map((line, i) => ({ line, place: `${basename(name)}:${i + 1}` }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, place }) => promptOf(line, place));
  if (prompts.length === 0) throw new TokenmarkError("bad-config", `prompts: wanted at least one, got none in ${name}`);
  return { name: basename(name), sha256: sha256(JSON.stringify(prompts)), prompts };
}
