import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { TokenmarkError } from "@tokenmark/core";
import { modelFolder, dtype as shippedDtype } from "@tokenmark/demo-model";
import { Command, InvalidArgumentError } from "commander";
import { formatSpeed, measureSpeed } from "./speed/speed.ts";
import { measureStrength } from "./strength/strength.ts";
import { formatStrength } from "./strength/strength-table.ts";

interface ModelOptions {
  readonly model?: string;
  readonly dtype?: string;
  readonly json?: string;
}

/** The model that was asked for, or the one that ships with the project. */
function chosenModel({ model, dtype }: ModelOptions): { folder: string; name: string; dtype?: string } {
  if (model === undefined) return { folder: modelFolder, name: "@tokenmark/demo-model", dtype: shippedDtype };
  return { folder: model, name: basename(model), ...(dtype === undefined ? {} : { dtype }) };
}

function report(text: string, value: unknown, json: string | undefined): void {
  console.log(text);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(value, null, 1)}\n`);
}

function positive(value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new InvalidArgumentError("wanted a number above 0");
  return number;
}

const program = new Command("tokenmark-bench").description("Benchmarks that anyone can run offline");

const withModel = (command: Command): Command =>
  command
    .option("--model <folder>", "a local model folder; without it the model that ships with the project")
    .option("--dtype <dtype>", "weights file of that model: fp32, fp16 or q8")
    .option("--json <file>", "write the figures as JSON too");

withModel(program.command("speed"))
  .description(
    "cost of marking a step, detection throughput, engines' marks next to plain paths, share of a decode step, marking through servers",
  )
  .option("--quick", "fewer sizes and runs: seconds instead of minutes", false)
  .action(async (options: ModelOptions & { quick: boolean }) => {
    const figures = await measureSpeed({ quick: options.quick, model: chosenModel(options) });
    report(formatSpeed(figures), figures, options.json);
  });

withModel(program.command("strength"))
  .description("evidence in marked texts, as written and after deletions, and false alarms on unmarked ones")
  .option("--texts <n>", "marked texts a scheme", positive, 40)
  .option("--unmarked <n>", "unmarked texts", positive, 500)
  .option("--tokens <n>", "new tokens a text", positive, 100)
  .option("--temperature <t>", "sampling temperature", positive, 1)
  .option("--top-p <p>", "nucleus", positive, 1)
  .option("--seed <seed>", "keys and texts follow from it", "strength")
  .action(
    async (
      options: ModelOptions & {
        texts: number;
        unmarked: number;
        tokens: number;
        temperature: number;
        topP: number;
        seed: string;
      },
    ) => {
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
      report(formatStrength(figures), figures, options.json);
    },
  );

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof TokenmarkError ? `tokenmark-bench: ${error.message} (${error.code})` : error);
  process.exitCode = 2;
});
