import { clopperPearson, ksUniform } from "@tokenmark/stats";
import { groupBy } from "../report/group-by.ts";
import { LEVEL, type ModeResult } from "./audit-student.ts";
import type { ControlRow, DistillResults, StudentRow } from "./distill-results.ts";
import { REMOVALS } from "./removal.ts";

const percent = (share: number): string => `${+(100 * share).toFixed(2)} %`;
const decades = (log10P: number): string => (log10P <= -2 ? log10P.toFixed(1) : log10P.toFixed(2));

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

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
    ksPValue: ksUniform(controls.map(({ pValue }) => Math.min(1, pValue))).pValue,
  };
}

function studentTable(results: DistillResults): string {
  return table(
    [
      "scheme",
      "student",
      "answers",
      "marked",
      "round",
      "seed",
      "open: log10 p",
      "units",
      "mean score (none)",
      "closed",
      "closed, no filter",
      "over-dispersed",
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
        row.answers,
        percent(row.share),
        row.round,
        row.seed,
        decades(open.log10PValue),
        open.tokensScored,
        `${open.meanScore.toFixed(3)} (${open.expectedScore.toFixed(3)})`,
        closed === undefined ? "" : decades(closed.log10PValue),
        unfiltered === undefined ? "" : decades(unfiltered.log10PValue),
        open.wrongKeys?.dispersedLog10PValue == null
          ? "no"
          : `${open.wrongKeys.dispersion.toFixed(2)}: ${decades(open.wrongKeys.dispersedLog10PValue)}`,
        row.heldOutLoss.toFixed(3),
        row.perplexityUnderTeacher?.toFixed(1) ?? "",
      ];
    }),
  );
}

/** Quality with the mark against without: held-out loss of students of the same seed, size and answers. */
function qualityTable({ students }: DistillResults): string {
  const rows = students
    .filter(({ share, round }) => share === 1 && round === 1)
    .flatMap((marked) => {
      const clean = students.find(
        ({ label, share, answers, student, seed, round }) =>
          share === 0 &&
          round === 1 &&
          label === marked.label &&
          answers === marked.answers &&
          student === marked.student &&
          seed === marked.seed,
      );
      if (clean === undefined) return [];
      const change = 100 * (marked.heldOutLoss / clean.heldOutLoss - 1);
      return [
        [
          marked.label,
          marked.student,
          marked.answers,
          marked.seed,
          clean.heldOutLoss.toFixed(3),
          marked.heldOutLoss.toFixed(3),
          `${change >= 0 ? "+" : ""}${change.toFixed(2)} %`,
        ],
      ];
    });
  return table(["scheme", "student", "answers", "seed", "loss, unmarked", "loss, all marked", "change"], rows);
}

/** The smallest marked share that was found, with what the planner makes of the fully marked student. */
function shareTable({ students }: DistillResults): string {
  const groups = groupBy(
    students.filter(({ round }) => round === 1),
    ({ label, student, answers, seed }) => JSON.stringify([label, student, answers, seed]),
  );
  const rows = groups.map((group) => {
    const found = group
      .filter((row) => row.share > 0 && mode(row, "open")!.log10PValue <= Math.log10(LEVEL))
      .sort((a, b) => a.share - b.share)[0];
    const pilot = group.find(({ share }) => share === 1);
    const [{ label, student, answers, seed }] = group as readonly [StudentRow];
    const open = found && mode(found, "open");
    const planned = open?.planned?.tokensScored;
    return [
      label,
      student,
      answers,
      seed,
      found === undefined ? "none" : percent(found.share),
      open?.tokensScored ?? "",
      open?.unitsToLevel ?? "",
      planned ?? "",
      pilot === undefined ? "" : (mode(pilot, "open")!.unitsToLevel ?? "not reached"),
    ];
  });
  return table(
    [
      "scheme",
      "student",
      "answers",
      "seed",
      `smallest share at p ≤ ${LEVEL}`,
      "its units",
      "units it took",
      "planner, even chance",
      "units at 100 %",
    ],
    rows,
  );
}

/** Removal against scheme: evidence that is left, and what it cost the student. */
function removalTable({ removals }: DistillResults): string {
  return table(
    ["removal", "scheme", "seed", "open: log10 p", "units", "mean score (none)", "held-out loss"],
    removals.map((row) => {
      const { log10PValue, tokensScored, meanScore, expectedScore } = row.modes[0]!;
      return [
        row.removal,
        row.label,
        row.seed,
        decades(log10PValue),
        tokensScored,
        `${meanScore.toFixed(3)} (${expectedScore.toFixed(3)})`,
        row.heldOutLoss.toFixed(3),
      ];
    }),
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
    ["scheme", "clean students", "rejected at .01", "95 % interval of the rate", "KS p", "smallest log10 p"],
    rows,
  );
}

/** The removals that were tried, in words, and their table. */
function removalParts(results: DistillResults): readonly string[] {
  const tried = [...new Set(results.removals.map(({ removal }) => removal))];
  if (tried.length === 0) return [];
  return ["## Removal", tried.map((name) => `- ${name}: ${REMOVALS[name]}`).join("\n"), removalTable(results)];
}

/** The report in Markdown, from the results alone. */
export function formatDistill(results: DistillResults): string {
  const { run, date, machine, versions, teacher, settings, failed } = results;
  const parts = [
    `# Distillation: ${run}`,
    `${date}, ${machine}; ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(
        ", ",
      )}. Teacher ${teacher.name} (tokenizer ${teacher.tokenizerSha256.slice(0, 12)}…), temperature ${settings.temperature}, ${settings.answerTokens} tokens an answer, seeds ${settings.seeds.join(", ")}.`,
    "Students are trained on the teacher's tokens and read back as ordinary model folders. Open: top-1 predictions along the marked transcripts that the student was sent; closed: what it writes itself. p is the exact tail over unique units; one test a cell, not corrected for the size of this table.",
    "## Students",
    studentTable(results),
    "## Smallest share",
    shareTable(results),
    "## Quality",
    "Loss in nats a token on text by people that nobody was trained on.",
    qualityTable(results),
    ...removalParts(results),
    "## Clean students",
    `Each from its own seed and sample of unmarked answers, each audited under its own key on ${settings.controlTranscripts} transcripts marked with that key.`,
    controlTable(results),
  ];
  if (failed.length > 0) parts.push("## Failed", ...failed.map(({ what, reason }) => `- ${what}: ${reason}`));
  return `${parts.join("\n\n")}\n`;
}
