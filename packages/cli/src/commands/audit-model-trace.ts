import { createHash } from "node:crypto";
import { TokenmarkError } from "@tokenmark/core";
import {
  formatTraceReport,
  hasKnownLaw,
  LEAST_WRONG_KEYS,
  probeIdentity,
  runTrace,
  type TraceAccount,
  type TraceControl,
  type TraceReport,
  type TranscriptRecord,
} from "@tokenmark/radioactivity";
import { Command } from "commander";
import { type AccountKey, readAccountKeys } from "../audit/account-keys.ts";
import { accountProbes, type SharedTranscripts, shareOut, type TraceSetting } from "../audit/account-probes.ts";
import { nameModels } from "../audit/evidence-digest.ts";
import { findMarkTokenizer } from "../audit/mark-tokenizer.ts";
import { checkTokenizers } from "../audit/model-evidence.ts";
import { checkKeyed, schemeForLaw, wrongScheme } from "../audit/plan-keys.ts";
import { readTranscripts } from "../audit/read-transcripts.ts";
import type { CommandContext } from "../command-context.ts";
import { exitStatus } from "../exit-status.ts";
import { given } from "../given.ts";
import { readProfile } from "../scheme-choice.ts";
import { countOption, numberOption } from "../shared-options.ts";
import { checkWritable, note, writeJson, writeStdout } from "../write-output.ts";

const HELP = `
Every account has a key of its own: keygen --from master.key --label LABEL makes it. Here --accounts names all labels, one a line, and --key-file
the master key; or --key-file names all accounts' keys.

Each key is looked for along the transcripts whose "profile" is its id: the answers that this account was sent. A key without any is looked for
along those that have no "profile": unmarked answers that single out nobody. Clean models (--clean, --base) read the same. Give all accounts, not
those alone that are suspected.

Example:
  tokenmark audit-model trace --profile p.json --transcripts log.jsonl --key-file master.key --accounts accounts.txt --model path/to/S \\
    --clean path/to/C --out trace.json

Exit status: 0 nobody named, or none without something that speaks against it; 1 a key is named and nothing does; 2 error.
`;

interface Flags {
  readonly profile: string;
  readonly transcripts: string;
  readonly keyFile?: readonly string[];
  readonly accounts?: string;
  readonly model: string;
  readonly tokenizer?: string;
  readonly clean?: readonly string[];
  readonly base?: string;
  readonly alpha: number;
  readonly wrongKeys?: number;
  readonly dtype?: string;
  readonly out?: string;
}

/** Refuses what would be refused after all models were read. */
function checkFlags({ alpha, wrongKeys }: Flags): void {
  if (!(alpha > 0 && alpha < 1)) {
    throw new TokenmarkError("bad-argument", `--alpha: wanted a number strictly between 0 and 1, got ${alpha}`);
  }
  if (wrongKeys !== undefined && wrongKeys < LEAST_WRONG_KEYS) {
    throw new TokenmarkError("bad-argument", `--wrong-keys: wanted at least ${LEAST_WRONG_KEYS}, got ${wrongKeys}`);
  }
}

/** Transcripts under registered keys, and those that are nobody's. */
function registeredOnly(
  logged: readonly TranscriptRecord[],
  accounts: readonly AccountKey[],
): readonly TranscriptRecord[] {
  const registered = new Set(accounts.map(({ keyId }) => keyId));
  return logged.filter(({ profile }) => profile === null || registered.has(profile));
}

/** A digest of all accounts and of which transcripts are whose; wrong keys come from it, so that nobody can have chosen them. */
function digestOf(
  probe: TraceReport["probe"],
  accounts: readonly AccountKey[],
  { rows, isOwn }: SharedTranscripts,
): string {
  const whose = accounts.map(({ id, keyId }, i) => [id, keyId, isOwn[i] ? rows[i] : "shared"]);
  return createHash("sha256")
    .update(JSON.stringify([probe, whose]))
    .digest("hex");
}

/** `tokenmark audit-model trace`. */
export function auditModelTraceCommand({ signal, end }: CommandContext): Command {
  return new Command("trace")
    .description("name the accounts whose answers a model was trained on")
    .requiredOption("--profile <file>", "the mark's profile, of any account: scheme and tokenizer are read from it")
    .requiredOption("--transcripts <file>", 'logged answers, JSONL with "profile"; - is standard input')
    .requiredOption("--model <dir>", "the suspect: model folder (transformers.js layout) or hub id")
    .option("--key-file <file...>", "the master key with --accounts, else the key of each account; or TOKENMARK_KEY")
    .option("--accounts <file>", "labels of all registered accounts, one a line")
    .option("--tokenizer <dir>", "the mark's tokenizer, for transcripts without ids (default: as with run)")
    .option("--clean <dir...>", "models that saw no account's answers")
    .option("--base <dir>", "the model that the suspect is said to be made from")
    .addOption(numberOption("--alpha <rate>", "chance of naming anybody wrongly, over all accounts").default(1e-6))
    .addOption(countOption("--wrong-keys <n>", "keys that test each named account's p-value (default: 1000)"))
    .option("--dtype <name>", "which of the models' files to run: fp32, q8, fp16, q4 …")
    .option("--out <file>", "write the report as JSON too")
    .addHelpText("after", HELP)
    .action(async (flags: Flags) => {
      checkFlags(flags);
      await checkWritable(flags.out);
      const { scheme: config, tokenizer: mark } = await readProfile(flags.profile, signal);
      checkKeyed(config);
      if (!hasKnownLaw(schemeForLaw(config))) {
        throw new TokenmarkError(
          "bad-argument",
          `--profile: wanted a mark with a known law, got ${config.scheme}, whose rank among wrong keys no number of accounts leaves small enough; plan and run an audit of the key in question`,
        );
      }
      const accounts = await readAccountKeys(config, flags, signal);
      const names = await nameModels(flags, signal);
      await checkTokenizers(mark.sha256, flags, "trace");
      const tokenizer = await findMarkTokenizer(mark.sha256, flags);
      const logged = await readTranscripts(flags.transcripts, tokenizer, "--tokenizer", signal, mark.vocabularySize);
      const transcripts = registeredOnly(logged, accounts);
      const shared = shareOut(accounts, transcripts);
      const { width } = accounts[0]!.scheme.context;
      const setting: TraceSetting = {
        tokenizerSha256: mark.sha256,
        transcripts,
        rows: shared.rows,
        width,
        signal,
        onStep: note,
      };
      const probesOf = (folder: string) => accountProbes(folder, flags.dtype, setting);
      const probes = await probesOf(flags.model);
      const place = new Map(accounts.map(({ id }, i) => [id, i]));
      const controls: TraceControl[] = [];
      const addControl = async (role: TraceControl["role"], folder: string): Promise<void> => {
        const own = await probesOf(folder);
        controls.push({ role, name: names.get(folder)!, probeOf: (id) => own[place.get(id)!]! });
      };
      if (flags.base !== undefined) await addControl("base model", flags.base);
      for (const folder of flags.clean ?? []) await addControl("clean student", folder);
      const probe = probeIdentity(transcripts);
      const accountsSha256 = digestOf(probe, accounts, shared);
      const schemeUnder = wrongScheme(accountsSha256);
      const report = runTrace({
        suspect: names.get(flags.model)!,
        scheme: config,
        tokenizerSha256: mark.sha256,
        probe,
        accountsSha256,
        leftOut: logged.length - transcripts.length,
        keys: accounts.map(
          ({ id, keyId, scheme }, i): TraceAccount => ({
            id,
            keyId,
            scheme,
            probe: probes[i]!,
            reads: shared.isOwn[i] ? "own" : "shared",
          }),
        ),
        alpha: flags.alpha,
        controls,
        wrongSchemeOf: ({ id }, i) => schemeUnder(config, i, accounts[place.get(id)!]!.key),
        ...given({ wrongKeys: flags.wrongKeys }),
      });
      await writeStdout(formatTraceReport(report));
      if (flags.out !== undefined) await writeJson(flags.out, report);
      if (report.named.some(({ verdict }) => verdict === "trained-on-marked")) end(exitStatus.found);
    });
}
