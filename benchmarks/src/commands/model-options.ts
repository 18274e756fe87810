import { basename } from "node:path";
import { modelFolder, dtype as shippedDtype } from "@tokenmark/demo-model";
import { type Command, InvalidArgumentError } from "commander";

/** What the command line says about the model. */
export interface ModelOptions {
  readonly model?: string;
  readonly dtype?: string;
  readonly json?: string;
}

/** `--model`, `--dtype` and `--json`. */
export function withModelOptions(command: Command): Command {
  return command
    .option("--model <folder>", "a local model folder; without it the model that ships with the project")
    .option("--dtype <dtype>", "weights file of that model: fp32, fp16 or q8")
    .option("--json <file>", "write the figures as JSON too");
}

/** The model that was asked for, or the one that ships with the project. */
export function chosenModel({ model, dtype }: ModelOptions): { folder: string; name: string; dtype?: string } {
  if (model === undefined) return { folder: modelFolder, name: "@tokenmark/demo-model", dtype: shippedDtype };
  return { folder: model, name: basename(model), ...(dtype === undefined ? {} : { dtype }) };
}

/** Reads a number above 0. */
export function positive(value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new InvalidArgumentError("wanted a number above 0");
  return number;
}
