import { TokenmarkError } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import {
  type AuditMode,
  type AuditPilot,
  type AuditPlan,
  auditModes,
  checkRankKeys,
  createAuditPlan,
  type PlannedTest,
  pilotOf,
  pilotUnits,
  testsOfProfile,
} from "@tokenmark/radioactivity";
import { Command, Option } from "commander";
import { inFile } from "../audit/in-file.ts";
import { checkKeyed, schemeForLaw, schemeOfLaw } from "../audit/plan-keys.ts";
import { readReport } from "../audit/read-report.ts";
import { readTranscripts } from "../audit/read-transcripts.ts";
import type { CommandContext } from "../command-context.ts";
import { given } from "../given.ts";
import { chooseModel, type ModelOptions, openTokenizer } from "../model-choice.ts";
import { STDIN } from "../read-input.ts";
import { readProfile } from "../scheme-choice.ts";
import { addModelOptions, countOption, numberListOption, numberOption } from "../shared-options.ts";
import { note, writeJson } from "../write-output.ts";

const HELP = `
Transcripts are JSONL: {"messages": […]}, {"instruction": …, "response": …} or {"prompt": …, "text": …} a line, with "prompt_tokens" and
"tokens" where they were kept. Modes: open (weights or scores: what the suspect predicts along the transcripts), closed (what it writes, in
contexts of the transcripts), closed-unfiltered (what it writes, in any context). Every profile × mode is one test; all are corrected for.
--answers, --answer-tokens and --temperature bind answers that are collected elsewhere too: run refuses another number of them.

A mark without a known law (textseal-synthid/v0.1) is tested by its rank among the wrong keys, so those have to be more than tests / level.

A pilot is the report of an audit of a student that is known to have read marked text (its key may be another). With one, a run that finds nothing
on units enough to find such a student with probability .9 says no-evidence; without one it says cannot-tell. With pilots of several marked shares
(--share: one a pilot) what a student of the suspect's share scores is read off between them; with one, it is taken as linear in the share. Of several
pilots of one share the weakest counts.

Examples:
  tokenmark audit-model plan --profile p.json --transcripts t.jsonl --mode open closed --hypothesis "S was trained on our API" --out plan.json
  tokenmark audit-model plan --profile p.json --transcripts t.jsonl --hypothesis "…" --pilot earlier.json --share 0.1 --clean C --out plan.json
  tokenmark audit-model plan … --pilot all-marked.json tenth-marked.json --share 0.3 3 --clean C --out plan.json
`;

interface Flags extends ModelOptions {
  readonly profile: readonly string[];
  readonly transcripts: string;
  readonly mode: readonly AuditMode[];
  readonly hypothesis: string;
  readonly alpha?: number;
  readonly wrongKeys?: number;
  readonly answers?: number;
  readonly answerTokens?: number;
  readonly temperature?: number;
  readonly clean?: readonly string[];
  readonly base?: string;
  readonly pilot?: readonly string[];
  readonly share?: readonly number[];
  readonly out: string;
}

/** The pilots of `--pilot`, each with its `--share`. */
async function pilotsOption({ pilot = [], share }: Flags, tests: readonly PlannedTest[], signal: AbortSignal) {
  if (share !== undefined && share.length !== pilot.length) {
    const wanted = pilot.length === 0 ? "--pilot beside it" : `one a --pilot (${pilot.length})`;
    throw new TokenmarkError("bad-argument", `--share: wanted ${wanted}, got ${share.length}`);
  }
  const pilots: AuditPilot[] = [];
  for (const [i, path] of pilot.entries()) {
    const report = await readReport(path, signal);
    try {
      pilots.push(pilotOf(report, tests, share?.[i]));
    } catch (cause) {
      throw inFile(path, cause);
    }
  }
  return { pilots };
}

/** How much text the silence of each test takes, for people. */
function pilotNotes(plan: AuditPlan): string[] {
  if (plan.pilots === undefined) return [];
  return plan.tests.map((test) => {
    const scheme = schemeOfLaw(test.scheme);
    const units = scheme === null ? null : pilotUnits(plan, test, scheme);
    const wanted =
      scheme === null
        ? "its law hangs on the key: the report will say how many units it takes"
        : units === null
          ? "no pilot says anything of it"
          : `${units} unique units find a student such as the pilots let expect nine times in ten; ${roomFor(units, test, plan)}`;
    return `${test.scheme.scheme}, ${test.mode} mode: ${wanted}`;
  });
}

/** What the plan can hold of so many units: a token is one unit at most, and repeats are none. */
function roomFor(units: number, { mode }: PlannedTest, { probe, closed }: AuditPlan): string {
  if (mode === "open") {
    return `the transcripts hold ${probe.tokens} at most${units > probe.tokens ? ", which is too few" : ""}`;
  }
  return `at least ${Math.ceil(units / closed.tokens)} answers of ${closed.tokens} tokens, planned are ${closed.answers}`;
}

/** `tokenmark audit-model plan`. */
export function auditModelPlanCommand({ signal }: CommandContext): Command {
  const command = new Command("plan")
    .description("write down what will be tested, before the key is touched")
    .requiredOption(
      "--profile <file...>",
      "profiles of the marks to test for, published by whoever wrote the transcripts",
    )
    .requiredOption("--transcripts <file>", "answers that the suspect may have learnt from, JSONL; - is standard input")
    .addOption(
      new Option("--mode <name...>", "how the suspect is looked at").choices([...auditModes]).default(["open"]),
    )
    .requiredOption("--hypothesis <sentence>", "what the audit is to show")
    .addOption(numberOption("--alpha <rate>", "false-positive rate of the whole audit (default: 1e-6)"))
    .addOption(countOption("--wrong-keys <n>", "keys that test the p-value (default: 1000)"))
    .addOption(countOption("--answers <n>", "closed modes: answers to ask the suspect for (default: 100)"))
    .addOption(countOption("--answer-tokens <n>", "closed modes: tokens of an answer, at most (default: 200)"))
    .addOption(numberOption("--temperature <t>", "closed modes: at which the suspect writes (default: 1)"))
    .option(
      "--clean <name...>",
      "clean models that will read the same transcripts under the right key; run refuses fewer",
    )
    .option("--base <name>", "the model that the suspect is said to be made from; run refuses to go without")
    .option("--pilot <file...>", "reports of audits of students known to have read marked text")
    .addOption(numberListOption("--share <ratio...>", "the suspect's marked share over each pilot's (default: 1)"))
    .option("--out <file>", "where to write it; - is stdout", STDIN)
    .addHelpText("after", HELP);
  return addModelOptions(command, { dtype: false }).action(async (flags: Flags) => {
    const profiles = [];
    for (const path of flags.profile) profiles.push(await readProfile(path, signal));
    for (const { scheme } of profiles) checkKeyed(scheme);
    const tokenizerSha256 = profiles[0]!.tokenizer.sha256;
    if (profiles.some(({ tokenizer }) => tokenizer.sha256 !== tokenizerSha256)) {
      throw new TokenmarkError(
        "bad-argument",
        "--profile: wanted profiles of one tokenizer, got several; plan each alone",
      );
    }
    const named = await openTokenizer(chooseModel(flags));
    const tokenizer = named.identity.sha256 === tokenizerSha256 ? named : null;
    const transcripts = await readTranscripts(
      flags.transcripts,
      tokenizer,
      "--model",
      signal,
      profiles[0]!.tokenizer.vocabularySize,
    );
    const tests = profiles.flatMap((profile) => testsOfProfile(profile, flags.mode));
    const plan = createAuditPlan({
      hypothesis: flags.hypothesis,
      tests,
      transcripts,
      tokenizerSha256,
      registry: engineRegistry,
      controls: given({ wrongKeys: flags.wrongKeys, cleanStudents: flags.clean, baseModel: flags.base }),
      closed: given({ answers: flags.answers, tokens: flags.answerTokens, temperature: flags.temperature }),
      ...(await pilotsOption(flags, tests, signal)),
      ...given({ alpha: flags.alpha }),
    });
    checkRankKeys(plan, ({ scheme }) => schemeForLaw(scheme));
    await writeJson(flags.out, plan);
    if (flags.out !== STDIN) {
      note(
        `wrote ${flags.out}: ${plan.tests.length} tests on ${plan.probe.tokens} tokens, digest ${plan.digest.slice(0, 16)}`,
      );
    }
    for (const line of pilotNotes(plan)) note(line);
  });
}
