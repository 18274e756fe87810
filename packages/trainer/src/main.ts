import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import seedrandom from "seedrandom";
import { TrainerError } from "./errors.ts";
import { loadExportedModel } from "./measure/exported-model.ts";
import { measureSamples } from "./measure/sample-figures.ts";
import { measureText } from "./measure/text-figures.ts";
import { DEMO_RECIPES, makeDemoModel } from "./recipes/demo-model.ts";
import { promptsFrom, promptsModule } from "./recipes/prompts.ts";
import { trainOnFiles } from "./recipes/train-on-files.ts";

const repository = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const demoPackage = join(repository, "packages/demo-model");
const log = (line: string): void => console.log(line);
const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new TrainerError("invalid-argument", `a positive integer was wanted, got ${text}`);
  }
  return value;
};

const program = new Command("trainer").description("Trains small language models in Node on onnxruntime-node");

program
  .command("demo-model")
  .description("rebuild the model that ships in packages/demo-model (needs npm, apt-get and dpkg-deb for the texts)")
  .addOption(new Option("--recipe <name>", "sizes and schedule").choices(Object.keys(DEMO_RECIPES)).default("full"))
  .option("--work <folder>", "sources and checkpoint", join(repository, "out/demo-model"))
  .option("--out <folder>", "exported model", join(demoPackage, "model"))
  .option("--threads <n>", "threads; another number gives slightly different weights", count, 2)
  .action(async (options: { recipe: keyof typeof DEMO_RECIPES; work: string; out: string; threads: number }) => {
    const paths = {
      sourceFolder: join(options.work, "sources"),
      checkpointFile: join(options.work, `${options.recipe}.checkpoint`),
      modelFolder: options.out,
      heldOutFile: join(demoPackage, "evaluation/held-out.txt"),
    };
    await makeDemoModel(DEMO_RECIPES[options.recipe], paths, { threads: options.threads, log });
  });

program
  .command("train")
  .description("train a model from scratch on text files and export a folder that transformers.js loads")
  .argument("<files...>", "UTF-8 text, one document a file")
  .requiredOption("--out <folder>", "exported model")
  .requiredOption("--seed <text>", "decides initial weights and data order")
  .option("--steps <n>", "training steps", count, 1000)
  .option("--batch <n>", "windows a step", count, 16)
  .option("--context <n>", "tokens a window", count, 128)
  .option("--vocab <n>", "tokens in the vocabulary", count, 4096)
  .option("--layers <n>", "decoder layers", count, 2)
  .option("--width <n>", "width of the residual stream", count, 128)
  .option("--heads <n>", "attention heads", count, 2)
  .option("--hidden <n>", "inner width of SwiGLU", count, 344)
  .option("--learning-rate <x>", "peak learning rate", Number, 2e-3)
  .option("--checkpoint <file>", "keep the state here every 250 steps, and go on from it")
  .option("--threads <n>", "threads", count, 2)
  .action(async (files: string[], options: Parameters<typeof trainOnFiles>[1]) => {
    await trainOnFiles(files, options, log);
  });

program
  .command("prompts")
  .description("choose the prompts that packages/demo-model bundles from its held-out text")
  .option("--count <n>", "how many", count, 240)
  .action((options: { count: number }) => {
    const text = readFileSync(join(demoPackage, "evaluation/held-out.txt"), "utf8");
    writeFileSync(join(demoPackage, "src/prompts.ts"), promptsModule(promptsFrom(text, options.count)));
  });

program
  .command("measure")
  .description("bits per byte, entropy and repetition of an exported folder, as JSON")
  .argument("<folder>", "exported model")
  .argument("[text]", "text to read", join(demoPackage, "evaluation/held-out.txt"))
  .option("--dtype <name>", "fp32 or q8", "q8")
  .option("--context <n>", "tokens a window", count, 256)
  .action(async (folder: string, textFile: string, options: { dtype: "fp32" | "q8"; context: number }) => {
    const model = await loadExportedModel(resolve(folder), options.dtype);
    const text = readFileSync(textFile, "utf8");
    const reading = await measureText(model, text, options.context);
    const writing = await measureSamples(model, text, seedrandom("measure"));
    log(JSON.stringify({ reading, writing }, null, 2));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof TrainerError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
