import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { auditModelPlanCommand } from "./audit-model-plan.ts";
import { auditModelReportCommand } from "./audit-model-report.ts";
import { auditModelRunCommand } from "./audit-model-run.ts";
import { auditModelTraceCommand } from "./audit-model-trace.ts";

const HELP = `
Was this model trained on answers that carry a mark? Three steps, so that nobody can choose the test after seeing its result:
  1. plan: what will be tested, on which transcripts, at which level. Needs profiles, not keys; the file is bound to its contents.
  2. run: with the key and the suspect. Keys that nobody used test the p-value itself; clean models under the right key are the controls,
     and those that the plan names have to be there.
  3. report: the result as text again.
And whose answers were they? trace, where every account has a key of its own.

Example:
  tokenmark audit-model plan --profile p.json --transcripts answers.jsonl --hypothesis "S was trained on our API" --out plan.json
  tokenmark audit-model run plan.json --transcripts answers.jsonl --key-file a.key --model path/to/S --clean path/to/other --out r.json
  tokenmark audit-model report r.json
`;

/** `tokenmark audit-model …`. */
export function auditModelCommand(context: CommandContext): Command {
  const command = new Command("audit-model")
    .description("say whether a model was trained on marked text: plan, run, report; and by whose answers: trace")
    .addHelpText("after", HELP);
  const parts = [auditModelPlanCommand, auditModelRunCommand, auditModelReportCommand, auditModelTraceCommand];
  for (const make of parts) command.addCommand(make(context));
  return command;
}
