import { createProfile, DEFAULT_SCHEME } from "@tokenmark/core";
import { contractOf, engineRegistry } from "@tokenmark/engines";
import { Command, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { given } from "../given.ts";
import { type KeyOptions, requireKey } from "../key-file.ts";
import { chooseModel, type ModelOptions, openTokenizer } from "../model-choice.ts";
import { STDIN } from "../read-input.ts";
import { readSchemeConfig } from "../scheme-choice.ts";
import { addModelOptions, keyFileOption, numberOption, parametersOption, schemeOption } from "../shared-options.ts";
import { note, writeJson } from "../write-output.ts";

const HELP = `
Without --scheme it is ${DEFAULT_SCHEME}, which survives most at no distortion (docs/survival.md). Parameters that are left out have the
scheme's documented defaults; one that the scheme does not have is refused.

Examples:
  tokenmark profile create --key-file a.key --out p.json
  tokenmark profile create --scheme synthid --key-file a.key --out p.json
  tokenmark profile create --scheme kgw --gamma 0.5 --delta 1.5 --seeding lefthash --context-width 1 --key-file a.key
  tokenmark profile create --scheme gumbel --key-file a.key --model path/to/model --out p.json
  tokenmark profile create --scheme vllm-gumbel/philox4x32-10-v1 --key-file vllm-key.json --model path/to/model --out p.json
  tokenmark profile create --scheme hf-kgw-selfhash/cpu --parameters kgw.json --key-file kgw-key.json --model path/to/model

For the mark of another engine, --parameters names a JSON file with its public parameters, and the key file holds its secret ones as
JSON: {"key": "1234605616436508552"}. 64-bit numbers go in quotes. tokenmark contracts ID lists both.
`;

interface Flags extends KeyOptions, ModelOptions {
  readonly scheme: string;
  readonly gamma?: number;
  readonly delta?: number;
  readonly seeding?: string;
  readonly contextWidth?: number;
  readonly depth?: number;
  readonly leaves?: number;
  readonly shareB?: number;
  readonly parameters?: string;
  readonly out: string;
}

/** `tokenmark profile create`. */
export function profileCreateCommand({ signal }: CommandContext): Command {
  const command = new Command("create")
    .description("write the profile of a scheme, a key and a tokenizer")
    .addOption(schemeOption("the scheme").default(DEFAULT_SCHEME))
    .addOption(keyFileOption())
    .addOption(numberOption("--gamma <share>", "kgw, unigram: share of the vocabulary that is green"))
    .addOption(numberOption("--delta <bias>", "kgw, unigram: what a green token's score gains"))
    .addOption(
      new Option("--seeding <rule>", "kgw: how the context seeds").choices(["lefthash", "minhash", "selfhash"]),
    )
    .addOption(numberOption("--context-width <n>", "all but unigram: how many preceding tokens seed"))
    .addOption(numberOption("--depth <layers>", "synthid: rounds of the tournament"))
    .addOption(numberOption("--leaves <n>", "synthid: contestants in each match"))
    .addOption(numberOption("--share-b <share>", "dual-gumbel: how often the second key draws"))
    .addOption(parametersOption())
    .option("--out <file>", "where to write it; - is stdout", STDIN)
    .addHelpText("after", HELP);
  return addModelOptions(command, { dtype: false }).action(async (flags: Flags) => {
    const { gamma, delta, seeding, contextWidth, depth, leaves, shareB } = flags;
    const options = given({ gamma, delta, seeding, contextWidth, depth, leaves, shareB });
    const scheme = await readSchemeConfig(flags.scheme, flags.parameters, options, signal);
    const key = await requireKey(flags, contractOf(scheme));
    const { identity: tokenizer } = await openTokenizer(chooseModel(flags));
    await writeJson(flags.out, createProfile({ scheme, key, tokenizer }, { registry: engineRegistry }));
    if (flags.out !== STDIN)
      note(`wrote ${flags.out}: ${scheme.scheme}, key ${key.id}, tokenizer of ${tokenizer.name}`);
  });
}
