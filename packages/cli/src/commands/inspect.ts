import { Key, parseProfile, TokenmarkError } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { describeProfile, describeScheme, describeTokenizer } from "../describe-profile.ts";
import { findKey, readKeyFile } from "../key-file.ts";
import { readText, STDIN } from "../read-input.ts";
import { parseReceipt, type Receipt } from "../receipt.ts";
import { writeStdout } from "../write-output.ts";

const HELP = `
Of a key only its public id is shown. Without a file, the key in TOKENMARK_KEY is meant.

Examples:
  tokenmark inspect p.json
  tokenmark inspect receipt.json
  tokenmark inspect a.key
`;

function describeReceipt(receipt: Receipt): readonly string[] {
  const { scheme, keyId, model, tokenizer, tokens, promptTokens, text, finishReason, outcomes } = receipt;
  const fates = Object.entries(outcomes ?? {}).map(([outcome, count]) => `${count} ${outcome}`);
  return [
    "Tokenmark receipt",
    `  scheme     ${scheme === null ? "none: unmarked" : describeScheme(scheme)}`,
    `  key id     ${keyId ?? "none"}`,
    `  model      ${model?.name ?? "unknown"}${model?.dtype ? `, ${model.dtype}` : ""}`,
    `  tokenizer  ${describeTokenizer(tokenizer)}`,
    `  tokens     ${tokens.length} after a prompt of ${promptTokens.length} (${fates.join(", ")}); ended by ${finishReason}`,
    `  text       ${text?.length ?? 0} characters`,
  ];
}

async function describeFile(file: string, signal: AbortSignal): Promise<readonly string[]> {
  const text = await readText(file, signal);
  // A key file must pass the checks of a key file, so it is read again as one.
  if (/^\s*[0-9a-fA-F]{64}\s*$/.test(text))
    return [`key id  ${(file === STDIN ? Key.fromHex(text) : await readKeyFile(file)).id}`];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TokenmarkError("io", `${file}: wanted a profile, a receipt or a key file, got something else`, { cause });
  }
  const { format } = (value ?? {}) as { readonly format?: unknown };
  return format === "tokenmark-receipt/1"
    ? describeReceipt(parseReceipt(value))
    : describeProfile(parseProfile(value, { registry: engineRegistry }));
}

/** `tokenmark inspect`. */
export function inspectCommand({ signal }: CommandContext): Command {
  return new Command("inspect")
    .description("say what a profile, a receipt or a key file is")
    .argument("[file]", "the file; - is standard input")
    .addHelpText("after", HELP)
    .action(async (file: string | undefined) => {
      const key = file === undefined ? await findKey({}) : undefined;
      if (file === undefined && key === undefined) {
        throw new TokenmarkError("bad-argument", "inspect: wanted a file or a key in TOKENMARK_KEY, got neither");
      }
      const lines = file === undefined ? [`key id  ${key!.id}`] : await describeFile(file, signal);
      await writeStdout(`${lines.join("\n")}\n`);
    });
}
