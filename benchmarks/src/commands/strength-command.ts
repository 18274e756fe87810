import type { Command } from "commander";
import { measureStrength } from "../strength/strength.ts";
import { formatStrength } from "../strength/strength-table.ts";
import { chosenModel, type ModelOptions, positive, withModelOptions } from "./model-options.ts";
import { printFigures } from "./print-figures.ts";

interface StrengthFlags extends ModelOptions {
  readonly texts: number;
  readonly unmarked: number;
  readonly tokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: string;
}

/** `tokenmark-bench strength`. */
export function addStrengthCommand(program: Command): void {
  withModelOptions(program.command("strength"))
    .description("evidence in marked texts, as written and after deletions, and false alarms on unmarked ones")
    .option("--texts <n>", "marked texts a scheme", positive, 40)
    .option("--unmarked <n>", "unmarked texts", positive, 500)
    .option("--tokens <n>", "new tokens a text", positive, 100)
    .option("--temperature <t>", "sampling temperature", positive, 1)
    .option("--top-p <p>", "nucleus", positive, 1)
    .option("--seed <seed>", "keys and texts follow from it", "strength")
    .action(async (options: StrengthFlags) => {
      const { texts, unmarked, tokens, temperature, topP, seed } = options;
      const onProgress = (what: string): void => void process.stderr.write(`\r\u001b[K${what}`);
      const figures = await measureStrength({
        model: chosenModel(options),
        texts,
        unmarkedTexts: unmarked,
        tokens,
        temperature,
        topP,
        seed,
        ...(process.stderr.isTTY ? { onProgress } : {}),
      });
      printFigures(formatStrength(figures), figures, options.json);
    });
}
