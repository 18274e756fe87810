import { basename } from "node:path";
import { createScheme, Key, TokenmarkError } from "@tokenmark/core";
import { drawEngineKey, engineRegistry } from "@tokenmark/engines";
import {
  type AuditEvidence,
  type AuditPlan,
  formatAuditReport,
  type ModelEvidence,
  type PlannedTest,
  parseAuditPlan,
  runAudit,
} from "@tokenmark/radioactivity";
import { Command } from "commander";
import { modelEvidence } from "../audit/model-evidence.ts";
import { readTranscripts } from "../audit/read-transcripts.ts";
import type { CommandContext } from "../command-context.ts";
import { exitStatus } from "../exit-status.ts";
import { requireKey } from "../key-file.ts";
import { chooseModel, openGenerator } from "../model-choice.ts";
import { readJson } from "../read-input.ts";
import { contractOf } from "../scheme-choice.ts";
import { note, writeJson, writeStdout } from "../write-output.ts";

const HELP = `
The suspect is a model folder or hub id (--model), or for closed modes a JSONL of answers that were collected from it (--answers). Clean
models (--clean) and its base model (--base) read the same transcripts under the right key: if they come out loud, no verdict is given.

Examples:
  tokenmark audit-model run plan.json --transcripts t.jsonl --key-file a.key --model path/to/S --clean path/to/C --out r.json
  tokenmark audit-model run plan.json --transcripts t.jsonl --key-file a.key --answers collected.jsonl

Exit status: 0 nothing found, 1 the suspect was trained on marked text, 2 error.
`;

interface Flags {
  readonly transcripts: string;
  readonly keyFile?: readonly string[];
  readonly model?: string;
  readonly answers?: string;
  readonly clean?: readonly string[];
  readonly base?: string;
  readonly dtype?: string;
  readonly out?: string;
}

/** Keys by id; a test whose key is not among them cannot run. */
async function keysOf(plan: AuditPlan, files: readonly string[] | undefined): Promise<ReadonlyMap<string, Key>> {
  const keys = new Map<string, Key>();
  for (const keyFile of files ?? [undefined]) {
    for (const { scheme } of plan.tests) {
      const contract = contractOf(scheme);
      try {
        const key = await requireKey(keyFile === undefined ? {} : { keyFile }, contract);
        keys.set(key.id, key);
      } catch (error) {
        // A file with another test's kind of key; what is lacking in the end is told of below.
        if (!(error instanceof TokenmarkError) || error.code !== "bad-key") throw error;
      }
    }
  }
  for (const { keyId } of plan.tests) {
    if (!keys.has(keyId)) {
      throw new TokenmarkError("key-mismatch", `--key-file: wanted the key with id ${keyId}, got none of that id`);
    }
  }
  return keys;
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
    .option("--clean <dir...>", "clean models to control with")
    .option("--base <dir>", "the model that the suspect is said to be made from")
    .option("--dtype <name>", "which of the models' files to run: fp32, q8, fp16, q4 …")
    .option("--out <file>", "write the report as JSON too")
    .addHelpText("after", HELP)
    .action(async (path: string, flags: Flags) => {
      const plan = parseAuditPlan(await readJson(path, "plan", signal));
      if ((flags.model === undefined) === (flags.answers === undefined)) {
        throw new TokenmarkError(
          "bad-argument",
          "--model: wanted either the suspect or its --answers, got both or neither",
        );
      }
      const keys = await keysOf(plan, flags.keyFile);
      const dtype = flags.dtype === undefined ? {} : { dtype: flags.dtype };
      const transcripts = await readTranscripts(flags.transcripts, plan.tokenizerSha256, flags, signal);
      const evidenceOf = async (folder: string): Promise<ModelEvidence> => {
        const generator = await openGenerator(chooseModel({ model: folder, ...dtype }));
        try {
          if (generator.identity.sha256 !== plan.tokenizerSha256) {
            throw new TokenmarkError(
              "tokenizer-mismatch",
              `model ${basename(folder)}: wanted the tokenizer that the transcripts' ids belong to, got another; collect its answers as text and audit them in closed mode with --answers`,
            );
          }
          return await modelEvidence(basename(folder), generator, plan, transcripts, (what) => note(what));
        } finally {
          await generator.dispose();
        }
      };
      const suspect: ModelEvidence =
        flags.model === undefined
          ? {
              name: basename(flags.answers!),
              answers: await readTranscripts(flags.answers!, plan.tokenizerSha256, flags, signal),
            }
          : await evidenceOf(flags.model);
      const controls = [];
      if (flags.base !== undefined) controls.push({ role: "base model" as const, ...(await evidenceOf(flags.base)) });
      for (const folder of flags.clean ?? [])
        controls.push({ role: "clean student" as const, ...(await evidenceOf(folder)) });
      const registry = engineRegistry;
      const wrong = Key.fromHex(plan.digest);
      const evidence: AuditEvidence = {
        transcripts,
        tokenizerSha256: plan.tokenizerSha256,
        suspect,
        controls,
        schemeOf: (test: PlannedTest) => createScheme(test.scheme, keys.get(test.keyId)!, { registry }),
        wrongSchemeOf: ({ scheme }, i) => {
          const contract = contractOf(scheme);
          const key = wrong.derive(`wrong key ${i}`);
          return createScheme(scheme, contract === undefined ? key : drawEngineKey(contract, key, "wrong"), {
            registry,
          });
        },
      };
      const report = runAudit(plan, evidence);
      if (flags.out !== undefined) await writeJson(flags.out, report);
      await writeStdout(formatAuditReport(report));
      if (report.results.some(({ verdict }) => verdict === "trained-on-marked")) end(exitStatus.found);
    });
}
