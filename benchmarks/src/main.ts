import { TokenmarkError } from "@tokenmark/core";
import { Command } from "commander";
import { addDistillCommand } from "./commands/distill-command.ts";
import { addReportCommands } from "./commands/report-commands.ts";
import { addSpeedCommand } from "./commands/speed-command.ts";
import { addStrengthCommand } from "./commands/strength-command.ts";
import { addSurvivalCommand } from "./commands/survival-command.ts";

const program = new Command("tokenmark-bench").description("Benchmarks that anyone can run offline");
addSurvivalCommand(program);
addSpeedCommand(program);
addStrengthCommand(program);
addDistillCommand(program);
addReportCommands(program);

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof TokenmarkError ? `tokenmark-bench: ${error.message} (${error.code})` : error);
  process.exitCode = 2;
});
