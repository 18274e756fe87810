import { basename } from "node:path";
import { createScheme, TokenmarkError } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import {
  type AuditEvidence,
  checkAnswers,
  checkPlannedControls,
  checkPlanTranscripts,
  checkRankKeys,
  formatAuditReport,
  type ModelEvidence,
  parseAuditPlan,
  runAudit,
} from "@tokenmark/radioactivity";
import { Command } from "commander";
import { namedByDigest, nameModels } from "../audit/evidence-digest.ts";
import { findMarkTokenizer } from "../audit/mark-tokenizer.ts";
import { checkTokenizers, type EvidenceSetting, modelEvidence, wantedOf } from "../audit/model-evidence.ts";
import { checkKeyed, readPlanKeys, schemeForLaw, wrongSchemeOf } from "../audit/plan-keys.ts";
import { readTranscripts } from "../audit/read-transcripts.ts";
import { serverEvidence } from "../audit/server-evidence.ts";
import type { CommandContext } from "../command-context.ts";
import { exitStatus } from "../exit-status.ts";
import { given } from "../given.ts";
import { chooseModel, openGenerator } from "../model-choice.ts";
import { readJson } from "../read-input.ts";
import { countOption } from "../shared-options.ts";
import { checkWritable, note, writeJson, writeStdout } from "../write-output.ts";

const HELP = `
The suspect is a model folder or hub id (--model), a server (--server), or for closed modes a JSONL of answers that were collected from it
(--answers): each with its prompt, as many as the plan has. A server is asked for text by OpenAI's /v1/completions; open mode needs weights, or a
server that names tokens by id (llama.cpp, vLLM, SGLang), a question a token. The server's API key comes from the variable TOKENMARK_API_KEY. Text that
has no ids of the mark's tokenizer is encoded with it (--tokenizer), also that of a model with another one, in closed modes.

Clean models (--clean) and its base model (--base) read the same transcripts under the right key: if they come out loud, no verdict is given.
Those that the plan names have to be there, all of them; more may be.

Examples:
  tokenmark audit-model run plan.json --transcripts t.jsonl --key-file a.key --model path/to/S --clean path/to/C --out r.json
  tokenmark audit-model run plan.json --transcripts t.jsonl --key-file a.key --answers collected.jsonl
  tokenmark audit-model run plan.json --transcripts t.jsonl --key-file a.key --server http://127.0.0.1:8000 --tokenizer path/to/teacher

Exit status: 0 nothing found, 1 the suspect was trained on marked text, 2 error.
`;

interface Flags {
  readonly transcripts: string;
  readonly keyFile?: readonly string[];
  readonly model?: string;
  readonly answers?: string;
  readonly server?: string;
  readonly apiModel?: string;
  readonly timeout?: number;
  readonly tokenizer?: string;
  readonly clean?: readonly string[];
  readonly base?: string;
  readonly dtype?: string;
  readonly out?: string;
}

/** Refuses flags that do not name one suspect. */
function checkFlags({ model, answers, server, apiModel, timeout }: Flags): void {
  if ([model, answers, server].filter((suspect) => suspect !== undefined).length !== 1) {
    throw new TokenmarkError(
      "bad-argument",
      "--model: wanted either the suspect or its --answers or its --server, got several or none",
    );
  }
  if (server === undefined && (apiModel !== undefined || timeout !== undefined)) {
    const name = apiModel === undefined ? "--timeout" : "--api-model";
    throw new TokenmarkError("bad-argument", `${name}: wanted --server beside it, got none`);
  }
}

/** What a run needs of its models. */
interface ModelSetting extends EvidenceSetting {
  readonly flags: Flags;
  /** By path. */
  readonly names: ReadonlyMap<string, string>;
}

/** What is got from a model folder or hub id. */
async function folderEvidence(folder: string, setting: ModelSetting): Promise<ModelEvidence> {
  const { dtype } = setting.flags;
  const generator = await openGenerator(chooseModel({ model: folder, ...given({ dtype }) }));
  try {
    const evidence = await modelEvidence(basename(folder), generator, setting);
    const name = setting.names.get(folder)!;
    return { ...evidence, name: dtype === undefined ? name : `${name}, ${dtype}` };
  } finally {
    await generator.dispose();
  }
}

async function suspectEvidence(setting: ModelSetting): Promise<ModelEvidence> {
  const { flags } = setting;
  const { model, server, answers } = flags;
  if (model !== undefined) return folderEvidence(model, setting);
  if (server !== undefined) return serverEvidence({ ...flags, server }, setting);
  const collected = await readTranscripts(answers!, setting.tokenizer, "--tokenizer", setting.signal);
  const unasked = collected.filter(({ prompt }) => prompt.length === 0).length;
  if (unasked > 0) {
    throw new TokenmarkError(
      "bad-config",
      `${answers}: wanted with each answer the prompt that it was given to, for what the suspect copied from there is no evidence, got ${unasked} of ${collected.length} without`,
    );
  }
  const withIds = collected.filter(({ hasOwnIds }) => hasOwnIds).length;
  if (withIds > 0 && withIds < collected.length) {
    throw new TokenmarkError(
      "bad-config",
      `${answers}: wanted token ids with all answers or with none, got ${withIds} of ${collected.length} with them`,
    );
  }
  const evidence: ModelEvidence = {
    name: await namedByDigest(answers!, setting.signal),
    answers: collected,
    collected: true,
    retokenised: withIds === 0,
  };
  // What will not do is refused before the controls are read.
  checkAnswers(setting.plan, evidence);
  return evidence;
}

/** `tokenmark audit-model run`. */
export function auditModelRunCommand({ signal, end }: CommandContext): Command {
  return new Command("run")
    .description("run a plan on a suspect")
    .argument("<plan>", "the plan file, as it was written")
    .requiredOption("--transcripts <file>", "the plan's transcripts; - is standard input")
    .option(
      "--key-file <file...>",
      "the keys of the plan's tests, each private to its owner; else the variable TOKENMARK_KEY",
    )
    .option("--model <dir>", "the suspect: model folder (transformers.js layout) or hub id")
    .option("--answers <file>", "answers collected from the suspect, JSONL: for closed modes, instead of --model")
    .option("--server <url>", "the suspect behind a server with OpenAI's /v1/completions, instead of --model")
    .option("--api-model <name>", "with --server: which of its models (default: its first)")
    .addOption(countOption("--timeout <seconds>", "with --server: how long one question may take (default: 120)"))
    .option(
      "--tokenizer <dir>",
      "the mark's tokenizer: a model folder or hub id (default: the suspect's, TOKENMARK_MODEL's or the shipped, if it is that)",
    )
    .option("--clean <dir...>", "clean models to control with")
    .option("--base <dir>", "the model that the suspect is said to be made from")
    .option("--dtype <name>", "which of the models' files to run: fp32, q8, fp16, q4 …")
    .option("--out <file>", "write the report as JSON too")
    .addHelpText("after", HELP)
    .action(async (path: string, flags: Flags) => {
      const plan = parseAuditPlan(await readJson(path, "plan", signal));
      checkFlags(flags);
      const { open } = wantedOf(plan);
      if (flags.answers !== undefined && open) {
        throw new TokenmarkError(
          "bad-argument",
          "--answers: wanted a plan of closed modes alone, got one with open mode, which looks at a model's predictions; a plan is run whole",
        );
      }
      await checkWritable(flags.out);
      checkPlannedControls(plan, {
        cleanStudents: flags.clean?.length ?? 0,
        baseModels: flags.base === undefined ? 0 : 1,
      });
      for (const { scheme } of plan.tests) checkKeyed(scheme);
      checkRankKeys(plan, ({ scheme }) => schemeForLaw(scheme));
      const keys = await readPlanKeys(plan, flags.keyFile);
      const names = await nameModels(flags, signal);
      if (open) await checkTokenizers(plan.tokenizerSha256, flags, "open mode");
      const tokenizer = await findMarkTokenizer(plan.tokenizerSha256, flags);
      const transcripts = await readTranscripts(flags.transcripts, tokenizer, "--tokenizer", signal);
      checkPlanTranscripts(plan, transcripts);
      const onStep = (what: string): void => note(what);
      const setting: ModelSetting = { plan, transcripts, tokenizer, signal, onStep, flags, names };
      const suspect = await suspectEvidence(setting);
      const controls: NonNullable<AuditEvidence["controls"]>[number][] = [];
      if (flags.base !== undefined) {
        controls.push({ role: "base model", ...(await folderEvidence(flags.base, setting)) });
      }
      for (const folder of flags.clean ?? []) {
        controls.push({ role: "clean student", ...(await folderEvidence(folder, setting)) });
      }
      const evidence: AuditEvidence = {
        transcripts,
        tokenizerSha256: plan.tokenizerSha256,
        suspect,
        controls,
        schemeOf: (test) => createScheme(test.scheme, keys.get(test.keyId)!, { registry: engineRegistry }),
        wrongSchemeOf: wrongSchemeOf(plan, keys),
      };
      onStep(`testing: ${plan.controls.wrongKeys} wrong keys in each of ${plan.tests.length} tests`);
      const report = runAudit(plan, evidence);
      await writeStdout(formatAuditReport(report));
      if (flags.out !== undefined) await writeJson(flags.out, report);
      if (report.results.some(({ verdict }) => verdict === "trained-on-marked")) end(exitStatus.found);
    });
}
