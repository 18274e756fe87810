import { TokenmarkError } from "@tokenmark/core";
import { correctTests } from "./correct-tests.ts";
import { decideVerdict } from "./decide-verdict.ts";
import type { TraceReport } from "./run-trace.ts";

/**
 * Reads a trace's report and refuses one whose corrections or verdicts do not follow from its figures.
 *
 * @throws TokenmarkError `bad-config`.
 */
export function parseTraceReport(value: unknown): TraceReport {
  const report = value as TraceReport | null;
  const refuse = (what: string): never => {
    throw new TokenmarkError("bad-config", `report: ${what}; run the trace again to know`);
  };
  if (
    report?.format !== "tokenmark-trace-report/1" ||
    !Array.isArray(report.named) ||
    !(report.correctedFor >= report.named.length)
  ) {
    return refuse("wanted a report of audit-model trace, got something else");
  }
  const { named, correctedFor, alpha } = report;
  let follows = true;
  try {
    // Of all keys those that are named have the smallest p-values, so Holm's correction of them needs no others.
    const others = Array.from({ length: correctedFor - named.length }, () => ({
      ...named[0]!,
      pValue: 1,
      log10PValue: 0,
    }));
    const corrected = correctTests([...named, ...others]);
    follows = named.every((key, i) => {
      const { correctedPValue, correctedLog10PValue } = corrected[i]!;
      const { verdict } = decideVerdict(
        { ...key, suspect: key, pilotUnits: null },
        correctedPValue,
        alpha,
        correctedFor,
      );
      return verdict === key.verdict && correctedLog10PValue === key.correctedLog10PValue && correctedPValue <= alpha;
    });
  } catch {
    refuse("wanted whole results, got some with figures missing");
  }
  if (!follows) refuse("wanted the verdicts that follow from its figures, got others: it was changed");
  return report;
}
