import { schemeNames } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import { type Command, InvalidArgumentError, Option } from "commander";

/** Reads a number strictly; which numbers make sense is for the library to say. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Wanted a number.");
  return value;
}

/** Reads a whole number of at least one. */
export function parseCount(text: string): number {
  const value = parseNumber(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("Wanted a whole number of at least 1.");
  return value;
}

/** Reads a whole number of at least zero. */
export function parseIndex(text: string): number {
  const value = parseNumber(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("Wanted a whole number of at least 0.");
  return value;
}

/** A numeric option. */
export function numberOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseNumber);
}

/** A numeric option that takes several. */
export function numberListOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser<readonly number[]>((text, before = []) => [
    ...before,
    parseNumber(text),
  ]);
}

/** An option that counts something. */
export function countOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseCount);
}

/** `--scheme`: one of ours, another engine's contract, or one of `more`. */
export function schemeOption(description: string, more: readonly string[] = []): Option {
  const names = [...schemeNames, ...more];
  return new Option(
    "--scheme <name>",
    `${description} (${names.join(", ")}, or another engine's, see: tokenmark contracts)`,
  ).argParser((name) => {
    if (names.includes(name) || Object.hasOwn(engineRegistry, name)) return name;
    throw new InvalidArgumentError(
      `Allowed choices are ${names.join(", ")}, and what "tokenmark contracts" lists of other engines.`,
    );
  });
}

/** `--parameters`. */
export function parametersOption(): Option {
  return new Option(
    "--parameters <file>",
    "JSON object with the scheme's parameters, under the scheme's or engine's names",
  );
}

/** `--key-file`. */
export function keyFileOption(): Option {
  return new Option("--key-file <file>", "file with the key, private to its owner; else the variable TOKENMARK_KEY");
}

/** `--model`; with `dtype` for commands that run the model rather than its tokenizer alone. */
export function addModelOptions(command: Command, { dtype }: { readonly dtype: boolean }): Command {
  command.addOption(
    new Option(
      "--model <dir>",
      "model folder (transformers.js layout) or hub id; else TOKENMARK_MODEL, else the shipped",
    ),
  );
  if (dtype) command.option("--dtype <name>", "which of the model's files to run: fp32, q8, fp16, q4 …");
  return command;
}

/** How to draw, as the command line says it. */
export interface SamplingFlags {
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly seed?: string;
}

/** `--temperature`, `--top-k`, `--top-p`, `--seed`. */
export function addSamplingOptions(command: Command): Command {
  return command
    .addOption(numberOption("--temperature <t>", "divides the scores; 0 takes the best token every time (default: 1)"))
    .addOption(numberOption("--top-k <k>", "keep the k best tokens; 0 keeps all (default: 0)"))
    .addOption(numberOption("--top-p <p>", "keep the best tokens up to this probability (default: 1)"))
    .option("--seed <seed>", "makes the draw repeatable; without it every run differs");
}
