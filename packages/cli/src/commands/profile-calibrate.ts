import { checkProfileKey, checkProfileTokenizer, createScheme, Key, parseProfile } from "@tokenmark/core";
import { detectText, estimateExpected, type ScoredText } from "@tokenmark/detector";
import { contractOf, engineRegistry } from "@tokenmark/engines";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { describeProfile } from "../describe-profile.ts";
import { given } from "../given.ts";
import { findKey, type KeyOptions, requireKey } from "../key-file.ts";
import { chooseModel, type ModelChoice, type ModelOptions, openGenerator } from "../model-choice.ts";
import { readText, STDIN } from "../read-input.ts";
import { samplingOf } from "../sampling.ts";
import { readProfile } from "../scheme-choice.ts";
import { seededKey } from "../seeded-key.ts";
import {
  addModelOptions,
  addSamplingOptions,
  countOption,
  keyFileOption,
  type SamplingFlags,
} from "../shared-options.ts";
import { checkWritable, note, writeJson } from "../write-output.ts";

const HELP = `
Writes texts with the profile's scheme, each under a fresh random key of its own (another engine's scheme: all under its key, which
--key-file names), scores them from their text alone, and stores
mean and variance of the score a token. With that, detect knows how often it would find marked text of a given length (its
power), and can say "no evidence" rather than "cannot tell". Use the model, sampling and length of the deployment.

Examples:
  tokenmark profile calibrate --profile p.json                                        measures into p.json
  tokenmark profile calibrate --profile p.json --temperature 0.8 --top-p 0.95 --texts 100 --out measured.json
  tokenmark profile calibrate --profile p.json --model path/to/model --prompts openings.txt
`;

interface Flags extends KeyOptions, ModelOptions, SamplingFlags {
  readonly profile: string;
  readonly texts: number;
  readonly maxTokens: number;
  readonly prompts?: string;
  readonly out?: string;
}

async function promptsOf(
  path: string | undefined,
  choice: ModelChoice,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (path === undefined) return choice.prompts;
  const lines = (await readText(path, signal)).split(/\r?\n/).filter((line) => line !== "");
  return lines.length === 0 ? [""] : lines;
}

/** `tokenmark profile calibrate`. */
export function profileCalibrateCommand({ signal }: CommandContext): Command {
  const command = new Command("calibrate")
    .description("measure what marked text scores, so that detection knows its power")
    .requiredOption("--profile <file>", "the profile to measure; - is standard input")
    .addOption(countOption("--texts <n>", "texts to write, at least 2").default(32))
    .addOption(countOption("--max-tokens <n>", "length of each, in tokens").default(200))
    .option("--prompts <file>", "openings, one a line (default: the shipped model's own; of another model, none)")
    .option("--out <file>", "where to write the measured profile; - is stdout (default: the profile's own file)")
    .addOption(keyFileOption().hideHelp());
  addModelOptions(addSamplingOptions(command), { dtype: true }).addHelpText("after", HELP);
  return command.action(async (flags: Flags) => {
    const profile = await readProfile(flags.profile, signal);
    const out = flags.out ?? flags.profile;
    await checkWritable(out);
    // Not needed to measure; given, it says that this is the profile that was meant.
    // Other engines' keys have forms of their own, so their texts are written under the deployment's key.
    const contract = contractOf(profile.scheme);
    const engineKey = contract === undefined ? undefined : await requireKey(flags, contract);
    const key = engineKey ?? (flags.keyFile === undefined ? undefined : await findKey(flags));
    if (key !== undefined) checkProfileKey(profile, key);
    const choice = chooseModel(flags);
    const sampling = samplingOf(flags);
    const prompts = await promptsOf(flags.prompts, choice, signal);
    const generator = await openGenerator(choice);
    try {
      checkProfileTokenizer(profile, generator.identity);
      const scored: ScoredText[] = [];
      for (let i = 0; i < flags.texts; i++) {
        const fresh = flags.seed === undefined ? Key.random() : seededKey(`calibrate/${i}`, flags.seed);
        const scheme = createScheme(profile.scheme, engineKey ?? fresh, { registry: engineRegistry });
        const { text } = await generator.generate(prompts[i % prompts.length]!, {
          ...sampling,
          ...given({ seed: flags.seed === undefined ? undefined : `${flags.seed}#${i}`, endTokens: choice.endTokens }),
          scheme,
          maxTokens: flags.maxTokens,
          signal,
        });
        if (text !== "") {
          const { statistic, tokensScored } = detectText(scheme, text, generator.tokenizer);
          scored.push({ sum: statistic, n: tokensScored });
        }
        if (process.stderr.isTTY) process.stderr.write(`\rtext ${i + 1} of ${flags.texts}`);
      }
      if (process.stderr.isTTY) process.stderr.write("\n");
      const expected = estimateExpected(scored, {
        model: generator.identity.name,
        temperature: flags.temperature ?? 1,
        topP: flags.topP ?? 1,
        topK: flags.topK ?? 0,
      });
      const measured = parseProfile({ ...profile, expected }, { registry: engineRegistry });
      await writeJson(out, measured);
      if (out !== STDIN) note(describeProfile(measured).join("\n"));
    } finally {
      await generator.dispose();
    }
  });
}
