import { type TokenizerIdentity, TokenmarkError } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import { Command, Option } from "commander";
import { type ApiFlags, addApiOptions, wantsApi } from "../api/api-options.ts";
import { openServer } from "../api/open-server.ts";
import { type ServerTextFlags, writeThroughServer } from "../api/write-through-server.ts";
import type { CommandContext } from "../command-context.ts";
import { given } from "../given.ts";
import { chooseModel, type ModelOptions, openGenerator } from "../model-choice.ts";
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
  parseIndex,
  schemeOption,
} from "../shared-options.ts";
import { checkWritable, writeJson, writeStdout } from "../write-output.ts";

const HELP = `
Writes the continuation to stdout, byte for byte as the model wrote it: no prompt, no line break at its end.
--scheme X means X with its documented defaults, here and in detect; other parameters come in --parameters or a profile.
A model's end token ends the text before --max-tokens; the shipped model, which writes short passages, goes on with the next one.
gumbel, dual-gumbel and synthid live in the random draw and refuse --temperature 0.

Examples:
  tokenmark generate --scheme synthid --key-file a.key --max-tokens 250 --seed 7 "The people of the city" > out.txt
  tokenmark generate --profile p.json --key-file a.key --temperature 0.8 --top-p 0.95 --receipt out.json "And it came"
  echo "The people of the city" | tokenmark generate --scheme none -
  tokenmark generate --url http://127.0.0.1:8080 --scheme gumbel --key-file a.key "The people of the city"
  tokenmark generate --api llama --url http://127.0.0.1:8080 --profile p.json --key-file a.key --model DIR "And it came"

With --url an inference server gives the scores and the mark is made here; see also: tokenmark probe. The server's API key comes from
the variable TOKENMARK_API_KEY. If the server fails, what was written stays, on stdout and in the receipt, and the status is 2.
`;

interface Flags extends SchemeOptions, ModelOptions, ApiFlags, ServerTextFlags {
  readonly promptFile?: string;
  readonly receipt?: string;
}

/** What a receipt tells of a text, whoever wrote it. */
type WrittenText = Pick<Receipt, "text" | "tokens" | "promptTokens" | "finishReason" | "outcomes">;

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
  model: Receipt["model"],
  tokenizer: TokenizerIdentity,
  prompt: string,
  { text, tokens, promptTokens, finishReason, outcomes }: WrittenText,
): Receipt {
  const { temperature = 1, topK = 0, topP = 1, minP = 0, maxTokens = null, seed = null } = flags;
  return {
    format: "tokenmark-receipt/1",
    scheme: mark?.config ?? null,
    keyId: mark?.key.id ?? null,
    model,
    tokenizer,
    sampling: { temperature, topK, topP, minP, maxTokens, seed },
    prompt,
    promptTokens,
    tokens,
    text,
    finishReason,
    outcomes,
  };
}

/** Only a server's text can end at strings and chosen tokens: the local generator ends where its model does. */
function refuseServerFlags(flags: Flags): void {
  const names = {
    stop: "--stop",
    endToken: "--end-token",
    apiModel: "--api-model",
    topLogprobs: "--top-logprobs",
    slot: "--slot",
    timeout: "--timeout",
  };
  for (const [flag, name] of Object.entries(names)) {
    if (flags[flag as keyof Flags] !== undefined) {
      throw new TokenmarkError("bad-argument", `${name}: wanted --url beside it, got none`);
    }
  }
}

async function writeHere(
  flags: Flags,
  mark: SchemeChoice | undefined,
  prompt: string,
  signal: AbortSignal,
): Promise<void> {
  refuseServerFlags(flags);
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
    if (flags.receipt === undefined) return;
    const { identity } = generator;
    const about = { name: identity.name, dtype: model.dtype ?? null };
    await writeJson(flags.receipt, receiptOf(flags, mark, about, identity, prompt, await stream.result));
  } finally {
    await generator.dispose();
  }
}

async function writeThere(
  flags: Flags,
  mark: SchemeChoice | undefined,
  prompt: string,
  signal: AbortSignal,
): Promise<void> {
  const server = await openServer(flags, mark?.profile, signal);
  const { receipt } = flags;
  const { identity, source, facts } = server;
  if (receipt !== undefined && identity === null) {
    throw new TokenmarkError(
      "unsupported-server",
      `--model: wanted the folder of the served model's tokenizer for the receipt, since the server ${source.address} does not tell enough of its own, got none`,
    );
  }
  const about = { name: facts.model ?? source.name, dtype: null };
  await writeThroughServer(server, mark, prompt, flags, signal, async (text) => {
    if (receipt !== undefined && identity !== null) {
      await writeJson(receipt, receiptOf(flags, mark, about, identity, prompt, text));
    }
  });
}

const collectTexts = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];
const collectIds = (text: string, before: readonly number[] = []): readonly number[] => [...before, parseIndex(text)];

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
  addModelOptions(command, { dtype: true });
  addApiOptions(command)
    .addOption(new Option("--stop <text>", "with --url: end before this text; may be repeated").argParser(collectTexts))
    .addOption(
      new Option(
        "--end-token <id>",
        "with --url: an id that ends the text; may be repeated (default: what the server tells)",
      ).argParser(collectIds),
    )
    .option("--no-speculate", "with --url: ask for one token at a time");
  return command.addHelpText("after", HELP).action(async (argument: string | undefined, flags: Flags) => {
    if (flags.receipt === STDIN) {
      throw new TokenmarkError("bad-argument", "--receipt: wanted a file, got -; stdout is the text's");
    }
    await checkWritable(flags.receipt);
    const unmarked = flags.scheme === "none" && flags.profile === undefined;
    const mark = unmarked ? undefined : await chooseScheme(flags, signal);
    const prompt = await promptOf(argument, flags, signal);
    await (wantsApi(flags) ? writeThere : writeHere)(flags, mark, prompt, signal);
  });
}
