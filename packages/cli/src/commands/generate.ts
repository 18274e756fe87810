import { TokenmarkError } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import type { GeneratedText, Generator } from "@tokenmark/transformers";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { given } from "../given.ts";
import { chooseModel, type ModelChoice, type ModelOptions, openGenerator } from "../model-choice.ts";
import { readPrompt, STDIN } from "../read-input.ts";
import type { Receipt } from "../receipt.ts";
import { samplingOf } from "../sampling.ts";
import { chooseScheme, type SchemeChoice, type SchemeOptions } from "../scheme-choice.ts";
import {
  addModelOptions,
  addSamplingOptions,
  countOption,
  keyFileOption,
  numberOption,
  parametersOption,
  type SamplingFlags,
  schemeOption,
} from "../shared-options.ts";
import { writeJson, writeStdout } from "../write-output.ts";

const HELP = `
Writes the continuation to stdout, byte for byte as the model wrote it: no prompt, no line break at its end.
--scheme X means X with its documented defaults, here and in detect; other parameters come in --parameters or a profile.
A model's end token ends the text before --max-tokens; the shipped model, which writes short passages, goes on with the next one.
gumbel, dual-gumbel and synthid live in the random draw and refuse --temperature 0.

Examples:
  tokenmark generate --scheme synthid --key-file a.key --max-tokens 250 --seed 7 "The people of the city" > out.txt
  tokenmark generate --profile p.json --key-file a.key --temperature 0.8 --top-p 0.95 --receipt out.json "And it came"
  echo "The people of the city" | tokenmark generate --scheme none -
`;

interface Flags extends SchemeOptions, ModelOptions, SamplingFlags {
  readonly promptFile?: string;
  readonly maxTokens?: number;
  readonly receipt?: string;
}

async function promptOf(argument: string | undefined, flags: Flags, signal: AbortSignal): Promise<string> {
  if (argument !== undefined && flags.promptFile !== undefined) {
    throw new TokenmarkError("bad-argument", "prompt: wanted an argument or --prompt-file, got both");
  }
  if (flags.promptFile !== undefined) return readPrompt(flags.promptFile, signal);
  if (argument === undefined) {
    throw new TokenmarkError(
      "bad-argument",
      "prompt: wanted an argument, - for standard input, or --prompt-file, got none",
    );
  }
  return argument === STDIN ? readPrompt(STDIN, signal) : argument;
}

function receiptOf(
  flags: Flags,
  mark: SchemeChoice | undefined,
  model: ModelChoice,
  { identity }: Generator,
  prompt: string,
  { text, tokens, promptTokens, finishReason, outcomes }: GeneratedText,
): Receipt {
  const { temperature = 1, topK = 0, topP = 1, minP = 0, maxTokens = null, seed = null } = flags;
  return {
    format: "tokenmark-receipt/1",
    scheme: mark?.config ?? null,
    keyId: mark?.key.id ?? null,
    model: { name: identity.name, dtype: model.dtype ?? null },
    tokenizer: identity,
    sampling: { temperature, topK, topP, minP, maxTokens, seed },
    prompt,
    promptTokens,
    tokens,
    text,
    finishReason,
    outcomes,
  };
}

/** `tokenmark generate`. */
export function generateCommand({ signal }: CommandContext): Command {
  const command = new Command("generate")
    .description("continue a prompt, marked")
    .argument("[prompt]", "the text to continue; - reads it from standard input")
    .option("--prompt-file <file>", "read the prompt from a file")
    .addOption(schemeOption("mark with this scheme's defaults; none: unmarked", ["none"]))
    .addOption(parametersOption())
    .option("--profile <file>", "mark as a profile says")
    .addOption(keyFileOption())
    .addOption(
      countOption("--max-tokens <n>", "write at most so many tokens (default: 256, or what the model has room for)"),
    );
  addSamplingOptions(command)
    .addOption(
      numberOption("--min-p <share>", "keep tokens of at least this share of the best one's probability (default: 0)"),
    )
    .option("--receipt <file>", "write ids, text, settings and the key's public id as JSON");
  addModelOptions(command, { dtype: true }).addHelpText("after", HELP);
  return command.action(async (argument: string | undefined, flags: Flags) => {
    if (flags.receipt === STDIN) {
      throw new TokenmarkError("bad-argument", "--receipt: wanted a file, got -; stdout is the text's");
    }
    const unmarked = flags.scheme === "none" && flags.profile === undefined;
    const mark = unmarked ? undefined : await chooseScheme(flags, signal);
    const prompt = await promptOf(argument, flags, signal);
    const model = chooseModel(flags);
    const { config, key, profile } = mark ?? {};
    const generator = await openGenerator(model, {
      registry: engineRegistry,
      ...given(profile ? { profile, key } : { scheme: config, key }),
    });
    try {
      const stream = generator.stream(prompt, {
        ...samplingOf(flags),
        ...given({ maxTokens: flags.maxTokens, endTokens: model.endTokens }),
        signal,
      });
      for await (const piece of stream) await writeStdout(piece);
      if (flags.receipt !== undefined) {
        await writeJson(flags.receipt, receiptOf(flags, mark, model, generator, prompt, await stream.result));
      }
    } finally {
      await generator.dispose();
    }
  });
}
