import { type Diagnosis, diagnose } from "@tokenmark/detector";
import { engineRegistry } from "@tokenmark/engines";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { exitStatus } from "../exit-status.ts";
import { given } from "../given.ts";
import type { ModelOptions } from "../model-choice.ts";
import { chooseScheme, type SchemeOptions } from "../scheme-choice.ts";
import { addModelOptions, keyFileOption, numberOption, parametersOption, schemeOption } from "../shared-options.ts";
import { openSuspect, type SuspectFlags } from "../suspect.ts";
import { writeStdout } from "../write-output.ts";

const HELP = `
For marks of other engines. Reads the text as declared, then under every mistake that is known to happen with that engine (another
context width, byte order of the key, prompt in or out of the context, swapped shares …), corrects for how many were tried, and says
what to fix. A finding is a reason to ask the deployer, not evidence: the setting was chosen after looking at the text.

Exit status: 0 no mistake explains the text better, 1 one does, 2 error.

Examples:
  tokenmark diagnose --profile p.json --key-file sglang-key.json out.txt
  tokenmark diagnose --scheme unigram-watermark/numpy --parameters unigram.json --key-file unigram-key.json --ids ids.json --json
`;

interface Flags extends SchemeOptions, ModelOptions, SuspectFlags {
  readonly alpha?: number;
  readonly json?: boolean;
}

function jsonOf({ declared, tried, finding, correctedFor, sentence }: Diagnosis, keyId: string): object {
  return {
    finding: finding && { code: finding.code, advice: finding.advice, actual: finding.actual, keyId: finding.keyId },
    sentence,
    keyId,
    correctedFor,
    declared,
    tried: tried.map(({ code, actual, detection, correctedLog10P, misfit }) => ({
      code,
      actual,
      log10PValue: detection.log10PValue,
      correctedLog10P,
      misfit,
    })),
  };
}

function linesOf({ sentence, tried }: Diagnosis): readonly string[] {
  const best = tried.slice(0, 5).map(({ code, correctedLog10P, actual }) => {
    return `  ${correctedLog10P.toFixed(1).padStart(8)}  ${code}  ${JSON.stringify(actual)}`;
  });
  return [
    sentence,
    "",
    "Best readings, log10 p after correction:",
    ...(best.length === 0 ? ["  none is known"] : best),
  ];
}

/** `tokenmark diagnose`. */
export function diagnoseCommand({ signal, end }: CommandContext): Command {
  const command = new Command("diagnose")
    .description("say which known mistake may hide another engine's mark")
    .argument("<file>", "the text; - is standard input")
    .addOption(schemeOption("as the deployer declared it"))
    .addOption(parametersOption())
    .option("--profile <file>", "what the deployer declared")
    .addOption(keyFileOption())
    .addOption(numberOption("--alpha <rate>", "false-positive rate of a finding, after correction (default: 1e-6)"))
    .option("--prompt <file>", "the prompt that the text continues; - is standard input")
    .option("--ids", "the input is a receipt of generate, or a JSON array of token ids")
    .option("--json", "print one JSON object");
  addModelOptions(command, { dtype: false }).addHelpText("after", HELP);
  return command.action(async (file: string, flags: Flags) => {
    const choice = await chooseScheme(flags, signal);
    const { tokens, prompt } = (await openSuspect(file, flags, choice, signal)).ids;
    const diagnosis = diagnose(
      tokens,
      { scheme: choice.config },
      { key: choice.key, registry: engineRegistry, ...given({ alpha: flags.alpha, prompt: prompt ?? undefined }) },
    );
    const answer = flags.json ? JSON.stringify(jsonOf(diagnosis, choice.key.id)) : linesOf(diagnosis).join("\n");
    await writeStdout(`${answer}\n`);
    if (diagnosis.finding !== null) end(exitStatus.found);
  });
}
