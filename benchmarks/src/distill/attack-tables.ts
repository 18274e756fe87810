import { clopperPearson } from "@tokenmark/stats";
import { groupBy } from "../report/group-by.ts";
import { median } from "../timing.ts";
import type { DistillResults } from "./distill-results.ts";
import { lossChange } from "./losses.ts";
import { decades, lossChangeText, percent, signedPercent, table } from "./report-text.ts";

/** Removal against scheme: evidence that is left, and what it cost the student. */
export function removalTable({ removals }: DistillResults): string {
  return table(
    [
      "removal",
      "scheme",
      "seed",
      "open: log10 p",
      "z",
      "units",
      "mean score (none)",
      "held-out loss",
      "change by the removal",
    ],
    removals.map((row) => {
      const plain = removals.find(
        ({ label, seed, removal }) => removal === "none" && label === row.label && seed === row.seed,
      );
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
        plain === undefined || plain === row ? "" : lossChangeText(lossChange(row, plain)),
      ];
    }),
  );
}

/** Who is named. */
export function tracingTable({ tracing }: DistillResults): string {
  return table(
    [
      "scheme",
      "seed",
      "student",
      "whose answers",
      "read with",
      "named",
      "registered keys",
      "family-wise error",
      "corrected p of those named",
      "next",
      "others at p ≤ .01",
    ],
    tracing.map(({ label, seed, student, customers, read, trace }) => [
      label,
      seed,
      student,
      customers.join(", ") || "nobody's",
      read === "own" ? "each customer's own answers" : "unmarked answers",
      trace.named.map(({ id }) => id).join(", ") || "nobody",
      trace.correctedFor,
      trace.alpha,
      trace.named.map(({ correctedLog10PValue }) => `1e${correctedLog10PValue.toFixed(1)}`).join(", "),
      trace.next === null ? "" : `p ${trace.next.correctedPValue.toPrecision(2)}`,
      trace.others === null ? "" : `${trace.others.atOrBelow[0]} of ${trace.others.keys}`,
    ]),
  );
}

/** Each defence over seeds, at each strength of neutralisation: the copier chooses its row. */
export function defenceTable({ defences }: DistillResults): string {
  const groups = groupBy(defences, ({ label, student, strength }) => JSON.stringify([label, student, strength]));
  const plainLoss = new Map(
    defences
      .filter(({ student, strength }) => student === "marked" && strength === 0)
      .map((row) => [`${row.label} ${row.seed}`, row.heldOutLoss]),
  );
  return table(
    [
      "defence",
      "student",
      "neutralised by",
      "log10 p, median",
      "z, median",
      "either way: log10 p, median",
      "weakest",
      "found at 1e-6 by one of both",
      "student's loss, change",
      "teacher's loss, change",
    ],
    groups.map((group) => {
      const { label, student, strength } = group[0]!;
      const forIt = group.map(({ test }) => test.log10PValue);
      const either = group.map(({ test }) => test.eitherWayLog10PValue);
      // Two looks at one student: both are corrected for.
      const found = forIt.filter((value, i) => Math.min(value, either[i]!) + Math.log10(2) < -6).length;
      const { lower, upper } = clopperPearson(found, group.length, 0.95);
      return [
        label,
        student,
        strength === 0 ? "not" : `${strength} nats`,
        decades(median(forIt)),
        median(group.map(({ test }) => test.zScore)).toFixed(1),
        decades(median(either)),
        decades(Math.max(...either)),
        `${found} of ${group.length} (${percent(lower)} to ${percent(upper)})`,
        student === "clean"
          ? ""
          : changeText(group.map((row) => row.heldOutLoss / plainLoss.get(`${row.label} ${row.seed}`)! - 1)),
        changeText(group.map(({ teacherLoss, unmarkedLoss }) => teacherLoss / unmarkedLoss - 1)),
      ];
    }),
  );
}

/** Median and range over seeds. */
function changeText(changes: readonly number[]): string {
  const [least, most] = [Math.min(...changes), Math.max(...changes)];
  return `${signedPercent(median(changes))} (${signedPercent(least)} to ${signedPercent(most)})`;
}
