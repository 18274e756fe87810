import { TokenmarkError } from "@tokenmark/core";
import { connect, type ProbeReport, probe } from "@tokenmark/logit-api";
import { Command } from "commander";
import { type ApiFlags, addApiOptions, connectOptions } from "../api/api-options.ts";
import type { CommandContext } from "../command-context.ts";
import { writeStdout } from "../write-output.ts";

const HELP = `
Asks an inference server half a dozen small questions and tells whether text can be marked through it, and how well. The server's API
key, if it wants one, comes from the variable TOKENMARK_API_KEY.

Exit status: 0 it can be used, 2 it cannot, or there is none; one sentence on stderr says why.

Examples:
  tokenmark probe --url http://127.0.0.1:8080
  tokenmark probe --url http://127.0.0.1:8000 --top-logprobs 100 --json
`;

const yes = (value: boolean): string => (value ? "yes" : "no");
const known = (value: string | number | null): string => (value === null ? "not told" : `${value}`);

function table(report: ProbeReport): string {
  const rows: readonly (readonly [string, string])[] = [
    ["server", `${report.kind} at ${report.address}`],
    ["model", known(report.model)],
    ["vocabulary", known(report.vocabularySize)],
    ["context", known(report.contextLength)],
    ["names tokens by id", yes(report.ids)],
    ["takes ids as a prompt", yes(report.idsAsPrompt)],
    ["spells its tokens", yes(report.spells)],
    ["candidates a position", `${report.candidates}${report.capped ? " (its limit)" : ""}`],
    ["scores", report.scores],
    ["greedy runs as drafts", yes(report.drafts)],
    ["logit_bias works", yes(report.bias)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n")}\n\n${report.verdict}\n`;
}

/** `tokenmark probe`. */
export function probeCommand({ signal }: CommandContext): Command {
  const command = new Command("probe").description("can text be marked through this inference server?");
  return addApiOptions(command)
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action(async ({ json = false, ...flags }: ApiFlags & { readonly json?: boolean }) => {
      const options = connectOptions(flags);
      const source = await connect({ ...options, retries: 1 }, { signal });
      const report = await probe(source, { signal });
      await writeStdout(json ? `${JSON.stringify(report)}\n` : table(report));
      if (!report.usable) throw new TokenmarkError("unsupported-server", `server ${report.address}: ${report.verdict}`);
    });
}
