import type { Command } from "commander";
import { formatSpeed, measureSpeed } from "../speed/speed.ts";
import { chosenModel, type ModelOptions, withModelOptions } from "./model-options.ts";
import { printFigures } from "./print-figures.ts";

/** `tokenmark-bench speed`. */
export function addSpeedCommand(program: Command): void {
  withModelOptions(program.command("speed"))
    .description(
      "cost of marking a step, detection throughput, engines' marks next to plain paths, share of a decode step, marking through servers",
    )
    .option("--quick", "fewer sizes and runs: seconds instead of minutes", false)
    .action(async (options: ModelOptions & { quick: boolean }) => {
      const figures = await measureSpeed({ quick: options.quick, model: chosenModel(options) });
      printFigures(formatSpeed(figures), figures, options.json);
    });
}
