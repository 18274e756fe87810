import { clopperPearson, ksUniform } from "@tokenmark/stats";
import { groupBy } from "../report/group-by.ts";
import { defenceTable, removalTable, tracingTable } from "./attack-tables.ts";
import { LEVEL, type ModeResult } from "./audit-student.ts";
import type { ControlRow, DistillResults, StudentRow } from "./distill-results.ts";
import { qualityTable } from "./quality-table.ts";
import { REMOVALS } from "./removal.ts";
import { decades, percent, table } from "./report-text.ts";
import { type SeedShare, smallestShare } from "./smallest-share.ts";

function mode({ modes }: StudentRow, wanted: ModeResult["mode"]): ModeResult | undefined {
  return modes.find((result) => result.mode === wanted);
}

/** Clean controls of one scheme: how many are rejected at .01, with the exact interval of that rate. */
export function countRejections(controls: readonly ControlRow[]): {
  readonly rejected: number;
  readonly tests: number;
  readonly interval: readonly [lower: number, upper: number];
  readonly ksPValue: number;
} {
  const rejected = controls.filter(({ pValue }) => pValue <= 0.01).length;
  const { lower, upper } = clopperPearson(rejected, controls.length, 0.95);
  return {
    rejected,
    tests: controls.length,
    interval: [lower, upper],
    ksPValue: ksUniform(controls.map((control) => Math.min(1, control.randomisedPValue))).pValue,
  };
}

/** Whether wrong keys scatter more than the open mode's law says, by how many of them. */
function dispersionText({ wrongKeys }: ModeResult): string {
  if (wrongKeys === null) return "not tested";
  const { keys, dispersion, dispersedLog10PValue } = wrongKeys;
  const found = dispersedLog10PValue === null ? "no" : `${dispersion.toFixed(2)}: ${decades(dispersedLog10PValue)}`;
  return `${found} (${keys})`;
}

function studentTable(results: DistillResults): string {
  return table(
    [
      "scheme",
      "student",
      "temperature",
      "answers",
      "marked",
      "round",
      "seed",
      "open: log10 p",
      "units",
      "mean score (none)",
      "closed",
      "closed, no filter",
      "over-dispersed (wrong keys)",
      "held-out loss",
      "perplexity under teacher",
    ],
    results.students.map((row) => {
      const open = mode(row, "open")!;
      const closed = mode(row, "closed");
      const unfiltered = mode(row, "closed-unfiltered");
      return [
        row.label,
        row.student,
        row.temperature,
        row.answers,
        percent(row.share),
        row.round,
        row.seed,
        decades(open.log10PValue),
        open.tokensScored,
        `${open.meanScore.toFixed(3)} (${open.expectedScore.toFixed(3)})`,
        closed === undefined ? "" : decades(closed.log10PValue),
        unfiltered === undefined ? "" : decades(unfiltered.log10PValue),
        dispersionText(open),
        row.heldOutLoss.toFixed(3),
        row.perplexityUnderTeacher?.toFixed(1) ?? "",
      ];
    }),
  );
}

/** Where a seed's students cross the level: below all shares that were tried, between two of them, or nowhere. */
function crossingText({ measured, found }: SeedShare): string {
  if (measured !== null) return percent(measured);
  return found === null ? "none" : `below ${percent(found)}`;
}

const overCrossing = (planned: number | null, measured: number | null): string =>
  planned === null || measured === null ? "" : (planned / measured).toFixed(2);

/** The smallest marked share that was found, beside what the planner made of students of two shares. */
function shareTable({ students, settings: { answerTokens } }: DistillResults): string | null {
  const groups = groupBy(
    students.filter(({ round, share }) => round === 1 && share > 0),
    ({ label, temperature, student, answers }) => JSON.stringify([label, temperature, student, answers]),
  ).filter((group) => new Set(group.map(({ share }) => share)).size > 2);
  if (groups.length === 0) return null;
  const rows = groups.map((group) => {
    const { measured, found, planned, plannedLinear, seeds } = smallestShare(group);
    const { label, student, temperature, answers } = group[0]!;
    return [
      label,
      student,
      temperature,
      answers * answerTokens,
      seeds.length,
      found === null ? "none" : percent(found),
      measured === null ? "" : percent(measured),
      seeds.map(crossingText).join(", "),
      planned === null ? "" : percent(planned),
      seeds.map((one) => (one.planned === null ? "none" : percent(one.planned))).join(", "),
      overCrossing(planned, measured),
      plannedLinear === null ? "" : percent(plannedLinear),
      overCrossing(plannedLinear, measured),
    ];
  });
  return table(
    [
      "scheme",
      "student",
      "temperature",
      "training tokens",
      "seeds",
      `smallest share tried at p ≤ ${LEVEL}`,
      "crossing",
      "seed by seed",
      "planned from two shares",
      "seed by seed",
      "over crossing",
      "planned from the largest share alone (linear)",
      "over crossing",
    ],
    rows,
  );
}

function controlTable({ controls, schemes }: DistillResults): string {
  const rows = schemes.flatMap(({ label }) => {
    const own = controls.filter((control) => control.label === label);
    if (own.length === 0) return [];
    const { rejected, tests, interval, ksPValue } = countRejections(own);
    return [
      [
        label,
        tests,
        rejected,
        `${percent(interval[0])} to ${percent(interval[1])}`,
        ksPValue.toPrecision(2),
        decades(Math.min(...own.map(({ log10PValue }) => log10PValue))),
      ],
    ];
  });
  return table(
    [
      "scheme",
      "clean students",
      "rejected at .01",
      "95 % interval of the rate",
      "KS p (ties at random)",
      "smallest log10 p",
    ],
    rows,
  );
}

/** The removals that were tried, in words, and their table. */
function removalParts(results: DistillResults): readonly string[] {
  const tried = [...new Set(results.removals.map(({ removal }) => removal))];
  if (tried.length === 0) return [];
  return ["## Removal", tried.map((name) => `- ${name}: ${REMOVALS[name]}`).join("\n"), removalTable(results)];
}

/** A section, if there is anything to say. */
const section = (title: string, text: string, body: string | null, rows: number): readonly string[] =>
  rows === 0 || body === null ? [] : [`## ${title}`, ...(text === "" ? [] : [text]), body];

/** Which answers the teacher was not asked for. */
function datasetLines({ settings: { datasets = [] } }: DistillResults): readonly string[] {
  if (datasets.length === 0) return [];
  const files = datasets.map(({ label, file, sha256 }) => `${label}: ${file} (SHA-256 ${sha256.slice(0, 12)}…)`);
  return [`Answers that were given in files, at whatever temperature those were written: ${files.join("; ")}.`];
}

/** How tails were computed: exact, but for some marks. */
function tailText({ students, removals }: DistillResults): string {
  const inexact = [...students, ...removals].flatMap(({ label, modes }) =>
    modes.filter(({ tail }) => tail !== "exact").map(({ tail }) => `${label} (${tail})`),
  );
  return inexact.length === 0 ? "exact" : `exact but for ${[...new Set(inexact)].join(", ")}`;
}

/** The report in Markdown, from the results alone. */
export function formatDistill(results: DistillResults): string {
  const { run, date, machine, versions, teacher, settings, students, failed } = results;
  const parts = [
    `# Distillation: ${run}`,
    `${date}, ${machine}; ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(
        ", ",
      )}. Teacher ${teacher.name} (tokenizer ${teacher.tokenizerSha256.slice(0, 12)}…), temperature ${settings.temperatures.join(", ")}, ${settings.answerTokens} tokens an answer, seeds ${settings.seeds.join(", ")}.`,
    ...datasetLines(results),
    `Students are trained on the teacher's tokens and read back as ordinary model folders. Open: top-1 predictions along the marked transcripts that the student was sent; closed: what it writes itself, at temperature ${settings.closedTemperature ?? 0.8}. p is the tail of the mark's law over unique units, ${tailText(results)}; one test a cell, not corrected for the size of this table.`,
    ...section("Students", "", studentTable(results), students.length),
    ...section(
      "Smallest share",
      `By the median p over seeds. Planned for an even chance of ${LEVEL} with the transcripts that a student of the share was sent: from students of the largest share and of the one nearest to a tenth of it, those of the other seeds where there are several, else its own.`,
      shareTable(results),
      students.length,
    ),
    ...section(
      "Quality",
      "Loss in nats a token on text by people that nobody was trained on; perplexity under the teacher of what each student wrote to the same prompts; changes with 95 % intervals, window by window and prompt by prompt.",
      qualityTable(results),
      students.length,
    ),
    ...removalParts(results),
    ...section(
      "Defences against neutralisation",
      "The copier has the teacher's unmarked law, knows schemes and widths, and subtracts what it learnt from its student's scores. log10 p: exact upper tail over the units of all keys, for students that follow them. Either way: exact two-sided p in strata of contexts by how often the training set has them, joined by Fisher's method, for students that avoid what the keys prefer too. Found: the smaller of both, doubled, below 1e-6, over seeds with the exact 95 % interval. Clean: a student of unmarked answers, audited alike.",
      defenceTable(results),
      results.defences.length,
    ),
    ...section(
      "Tracing",
      "Two customers' answers, half each, in one training set; every registered key is tested (Holm) on what the student predicts, along unmarked answers to the same prompts or along what each customer was sent: to the two their halves, to every other one short answer.",
      tracingTable(results),
      results.tracing.length,
    ),
    ...section(
      "Clean students",
      `Each from its own seed and sample of unmarked answers, each audited under its own key on ${settings.controlTranscripts} transcripts marked with that key.`,
      controlTable(results),
      results.controls.length,
    ),
  ];
  if (failed.length > 0) parts.push("## Failed", ...failed.map(({ what, reason }) => `- ${what}: ${reason}`));
  return `${parts.join("\n\n")}\n`;
}
