import { groupBy } from "../report/group-by.ts";
import { median } from "../timing.ts";
import type { DistillResults } from "./distill-results.ts";
import { decades, table } from "./report-text.ts";

/** Removal against scheme: evidence that is left, and what it cost the student. */
export function removalTable({ removals }: DistillResults): string {
  return table(
    ["removal", "scheme", "seed", "open: log10 p", "z", "units", "mean score (none)", "held-out loss"],
    removals.map((row) => {
      const { log10PValue, zScore, tokensScored, meanScore, expectedScore } = row.modes[0]!;
      return [
        row.strength === null ? row.removal : `${row.removal}, ${row.strength} nats`,
        row.label,
        row.seed,
        decades(log10PValue),
        zScore.toFixed(1),
        tokensScored,
        `${meanScore.toFixed(3)} (${expectedScore.toFixed(3)})`,
        row.heldOutLoss.toFixed(3),
      ];
    }),
  );
}

/** Who is named. */
export function tracingTable({ tracing }: DistillResults): string {
  return table(
    ["scheme", "seed", "student", "whose answers", "named", "registered keys", "corrected p of those named", "next"],
    tracing.map(({ label, seed, student, customers, trace }) => [
      label,
      seed,
      student,
      customers.join(", ") || "nobody's",
      trace.named.map(({ id }) => id).join(", ") || "nobody",
      trace.correctedFor,
      trace.named.map(({ correctedLog10PValue }) => `1e${correctedLog10PValue.toFixed(1)}`).join(", "),
      trace.next === null ? "" : `p ${trace.next.correctedPValue.toPrecision(2)}`,
    ]),
  );
}

/** Each defence over seeds, at each strength of neutralisation: the copier chooses its column, the auditor its test. */
export function defenceTable({ defences }: DistillResults): string {
  const groups = groupBy(defences, ({ label, student, strength }) => JSON.stringify([label, student, strength]));
  const quality = new Map(
    defences
      .filter(({ student, strength }) => student === "marked" && strength === 0)
      .map((row) => [`${row.label} ${row.seed}`, row.heldOutLoss]),
  );
  return table(
    [
      "defence",
      "student",
      "neutralised by",
      "seeds",
      "log10 p, median",
      "weakest",
      "p < 1e-6",
      "z, median",
      "either way: log10 p, median",
      "weakest",
      "p < 1e-6",
      "student's loss, change",
      "teacher's loss, change",
    ],
    groups.map((group) => {
      const { label, student, strength } = group[0]!;
      const forIt = group.map(({ test }) => test.log10PValue);
      const either = group.map(({ test }) => test.eitherWayLog10PValue);
      const found = (values: readonly number[]): string =>
        `${values.filter((value) => value < -6).length} of ${values.length}`;
      const change = (values: readonly number[]): string => `${signedPercent(median(values))}`;
      return [
        label,
        student,
        strength === 0 ? "not" : `${strength} nats`,
        group.length,
        decades(median(forIt)),
        decades(Math.max(...forIt)),
        found(forIt),
        median(group.map(({ test }) => test.zScore)).toFixed(1),
        decades(median(either)),
        decades(Math.max(...either)),
        found(either),
        student === "clean"
          ? ""
          : change(group.map((row) => row.heldOutLoss / quality.get(`${row.label} ${row.seed}`)! - 1)),
        change(group.map(({ teacherLoss, unmarkedLoss }) => teacherLoss / unmarkedLoss - 1)),
      ];
    }),
  );
}

const signedPercent = (share: number): string => `${share >= 0 ? "+" : ""}${(100 * share).toFixed(1)} %`;
