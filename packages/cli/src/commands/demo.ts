import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { demoReport } from "../demo/demo-report.ts";
import { runDemo } from "../demo/run-demo.ts";
import { chooseModel, type ModelOptions, openGenerator } from "../model-choice.ts";
import { addModelOptions, countOption } from "../shared-options.ts";
import { coloursWanted, writeStdout } from "../write-output.ts";

const PROMPT = "The people of the city";

const HELP = `
Writes a passage unmarked and with each scheme, deletes a tenth of the words, and looks for the marks. Takes a few seconds.

Examples:
  tokenmark demo
  tokenmark demo --model path/to/model --prompt "Once upon a time" --seed 7
`;

interface Flags extends ModelOptions {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly seed?: string;
}

/** `tokenmark demo`. */
export function demoCommand({ signal }: CommandContext): Command {
  const command = new Command("demo")
    .description("see it work: write, edit, detect, with every scheme")
    .option("--prompt <text>", "what the passages continue", PROMPT)
    .addOption(countOption("--max-tokens <n>", "length of each passage, in tokens").default(250))
    .option("--seed <seed>", "makes the run repeatable, keys included (which then protect nothing)");
  addModelOptions(command, { dtype: true }).addHelpText("after", HELP);
  return command.action(async ({ prompt, seed, maxTokens, ...model }: Flags) => {
    const generator = await openGenerator(chooseModel(model));
    try {
      const keys =
        seed === undefined
          ? "Keys: made at random just now, gone when this ends. --seed N makes a run that can be repeated."
          : `Keys and draws follow from --seed ${seed}: this run can be repeated, and its keys protect nothing.`;
      await writeStdout(
        `Tokenmark writes and finds watermarks in text of language models.\n\nA model (${generator.identity.name}) now continues "${prompt}": once as it is, and once under each scheme.\n${keys}\n\n`,
      );
      const onStep = (what: string): void => {
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kwriting: ${what}`);
      };
      const run = await runDemo(generator, prompt, { seed, maxTokens, signal, onStep });
      if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
      await writeStdout(`${demoReport(run, generator.tokenizer, { colours: coloursWanted() }).join("\n")}\n`);
    } finally {
      await generator.dispose();
    }
  });
}
