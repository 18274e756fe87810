import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { Command } from "commander";
import { formatSpeed, measureSpeed } from "./speed/speed.ts";

const program = new Command("tokenmark-bench").description("Benchmarks that anyone can run offline");

program
  .command("speed")
  .description("cost of marking a step, detection throughput, share of a real model's decode step")
  .option("--quick", "fewer sizes and runs: seconds instead of minutes", false)
  .option("--model <folder>", "a local model folder for the decode-step share")
  .option("--dtype <dtype>", "weights file of the model: fp32, fp16 or q8")
  .option("--json <file>", "write the figures as JSON too")
  .action(async (options: { quick: boolean; model?: string; dtype?: string; json?: string }) => {
    const { quick, model, dtype, json } = options;
    const named =
      model === undefined ? null : { folder: model, name: basename(model), ...(dtype === undefined ? {} : { dtype }) };
    const report = await measureSpeed({ quick, model: named });
    console.log(formatSpeed(report));
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 1)}\n`);
  });

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof TokenmarkError ? `tokenmark-bench: ${error.message} (${error.code})` : error);
  process.exitCode = 2;
});
