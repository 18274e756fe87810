import { createProfile, parseSchemeConfig } from "@tokenmark/core";
import { Command, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { given } from "../given.ts";
import { type KeyOptions, requireKey } from "../key-file.ts";
import { chooseModel, type ModelOptions, openTokenizer } from "../model-choice.ts";
import { STDIN } from "../read-input.ts";
import { addModelOptions, keyFileOption, numberOption, schemeOption } from "../shared-options.ts";
import { note, writeJson } from "../write-output.ts";

const HELP = `
Parameters that are left out have the scheme's documented defaults; one that the scheme does not have is refused.

Examples:
  tokenmark profile create --scheme synthid --key-file a.key --out p.json
  tokenmark profile create --scheme kgw --gamma 0.5 --delta 1.5 --seeding lefthash --context-width 1 --key-file a.key
  tokenmark profile create --scheme gumbel --key-file a.key --model path/to/model --out p.json
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
  readonly out: string;
}

/** `tokenmark profile create`. */
export function profileCreateCommand(_context: CommandContext): Command {
  const command = new Command("create")
    .description("write the profile of a scheme, a key and a tokenizer")
    .addOption(schemeOption("the scheme").makeOptionMandatory())
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
    .option("--out <file>", "where to write it; - is stdout", STDIN)
    .addHelpText("after", HELP);
  return addModelOptions(command, { dtype: false }).action(async (flags: Flags) => {
    const { gamma, delta, seeding, contextWidth, depth, leaves, shareB } = flags;
    const parameters = given({ gamma, delta, seeding, contextWidth, depth, leaves, shareB });
    const scheme = parseSchemeConfig({ scheme: flags.scheme, ...parameters });
    const key = await requireKey(flags);
    const { identity: tokenizer } = await openTokenizer(chooseModel(flags));
    await writeJson(flags.out, createProfile({ scheme, key, tokenizer }));
    if (flags.out !== STDIN)
      note(`wrote ${flags.out}: ${scheme.scheme}, key ${key.id}, tokenizer of ${tokenizer.name}`);
  });
}
