import type { Detection } from "@tokenmark/detector";
import type { EngineReading } from "@tokenmark/engines";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { engineLines, readAsEngine } from "../engine-lines.ts";
import { exitStatus } from "../exit-status.ts";
import { heatMap } from "../heat-map.ts";
import type { ModelOptions } from "../model-choice.ts";
import { chooseScheme, type SchemeChoice, type SchemeOptions } from "../scheme-choice.ts";
import { addModelOptions, keyFileOption, numberOption, parametersOption, schemeOption } from "../shared-options.ts";
import { openSuspect, type ScoredPiece, type SuspectFlags } from "../suspect.ts";
import { verdictLines } from "../verdict-lines.ts";
import { coloursWanted, note, writeStdout } from "../write-output.ts";

const HELP = `
Give the generated part alone; its prompt, if you know it, goes into --prompt. The tokenizer must be the one that the text was
generated with: of the shipped model, of --model DIR, and the profile's own if there is a profile.

Verdicts: marked (p at most alpha), no-evidence (not found, though marked text of this length would have been, 9 times in 10;
only with a calibrated profile), cannot-tell. None of them says who wrote the text, or that it is unmarked.

For another engine's mark (tokenmark contracts lists them) the engine's own statistic and p-value stand beside ours, faults named.

Exit status: 0 not found, 1 found (verdict "marked"), 2 error.

Examples:
  tokenmark detect --scheme synthid --key-file a.key out.txt
  tokenmark detect --profile p.json --key-file a.key --json - < out.txt
  tokenmark detect --scheme gumbel --key-file a.key --explain --prompt prompt.txt out.txt
  tokenmark detect --scheme kgw --key-file a.key --ids receipt.json
  tokenmark detect --scheme unigram-watermark/numpy --parameters unigram.json --key-file unigram-key.json --ids ids.json
  TOKENMARK_KEY=$(cat a.key) tokenmark detect --profile p.json --model path/to/model out.txt
`;

interface Flags extends SchemeOptions, ModelOptions, SuspectFlags {
  readonly alpha?: number;
  readonly json?: boolean;
  readonly explain?: boolean;
}

function jsonOf(
  detection: Detection,
  { config, key, contract }: SchemeChoice,
  reading: EngineReading | null,
  pieces: readonly ScoredPiece[] | null,
): object {
  return {
    ...detection,
    config,
    keyId: key.id,
    ...(contract === undefined ? {} : { engine: { reading, securityFacts: contract.securityFacts } }),
    ...(pieces === null ? {} : { tokens: pieces }),
  };
}

function warn(detection: Detection): void {
  if ("decodesToText" in detection && detection.decodesToText === false) {
    note("tokenmark: this tokenizer does not give the text back exactly, so some of the evidence may be lost");
  }
}

/** `tokenmark detect`. */
export function detectCommand({ signal, end }: CommandContext): Command {
  const command = new Command("detect")
    .description("test a text for a key's mark")
    .argument("<file>", "the text; - is standard input")
    .addOption(schemeOption("look for this scheme with its defaults"))
    .addOption(parametersOption())
    .option("--profile <file>", "look for what a profile says")
    .addOption(keyFileOption())
    .addOption(
      numberOption("--alpha <rate>", "false-positive rate of the verdict, chosen before looking (default: 1e-6)"),
    )
    .option("--prompt <file>", "the prompt that the text continues; - is standard input")
    .option("--ids", "the input is a receipt of generate, or a JSON array of token ids")
    .option("--explain", "show the text with the evidence of each token")
    .option("--json", "print one JSON object");
  addModelOptions(command, { dtype: false }).addHelpText("after", HELP);
  return command.action(async (file: string, flags: Flags) => {
    const choice = await chooseScheme(flags, signal);
    const { key, contract } = choice;
    const suspect = await openSuspect(file, flags, choice, signal);
    const detection = suspect.detect(choice, flags.alpha);
    const pieces = flags.explain ? await suspect.explain(choice) : null;
    const reading = readAsEngine(choice, suspect.ids);
    if (flags.json) await writeStdout(`${JSON.stringify(jsonOf(detection, choice, reading, pieces))}\n`);
    else {
      const engine = contract === undefined ? [] : engineLines(contract, reading);
      const map = pieces === null ? [] : [...heatMap(pieces, { colours: coloursWanted() }), ""];
      await writeStdout(`${[...map, ...verdictLines(detection, key.id), ...engine].join("\n")}\n`);
    }
    warn(detection);
    if (detection.verdict === "marked") end(exitStatus.found);
  });
}
