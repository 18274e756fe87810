import { type AnySchemeConfig, TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { canonicalJson } from "./canonical-json.ts";
import { type CorrectedTest, correctTests } from "./correct-tests.ts";
import { decideVerdict } from "./decide-verdict.ts";
import { traceFault } from "./findings-faults.ts";
import { figuresFollow, figuresHang, isCorrected, isPowerOf, testFollows } from "./follows.ts";
import { loudLevel } from "./loud-level.ts";
import { TRACE_RIVALS, TRACED, type TracedKey, type TraceReport } from "./run-trace.ts";

/** What a trace's keys are held against. */
type Held = Pick<TraceReport, "correctedFor" | "alpha" | "controls">;

/** Whether a key's figures, correction, verdict and reason hang together. */
function keyFollows(
  key: TracedKey,
  corrected: CorrectedTest,
  { correctedFor, alpha, controls }: Held,
  scheme: WatermarkScheme | null,
): boolean {
  const figures = { ...key, suspect: key };
  const { verdict, because } = decideVerdict({ ...figures, ...TRACED }, corrected.correctedPValue, alpha, correctedFor);
  return (
    verdict === key.verdict &&
    because === key.because &&
    isCorrected(key, corrected) &&
    figuresHang(figures) &&
    corrected.correctedPValue <= alpha &&
    canonicalJson(key.controls.map(({ name }) => name)) === canonicalJson(controls) &&
    (scheme === null || figuresFollow(scheme, figures, loudLevel(alpha, correctedFor)))
  );
}

/** Whether named keys and the next one are what Holm's correction makes of them. */
function traceFollows(report: TraceReport, scheme: WatermarkScheme | null): boolean {
  const { named, next, others, untested, correctedFor, alpha } = report;
  const shown = next === null ? [...named] : [...named, next];
  if (shown.length === 0 || (next === null) !== (named.length === correctedFor)) return false;
  if (new Set(shown.map(({ id }) => id)).size < shown.length) return false;
  if (named.length + (others?.keys ?? 0) + untested !== correctedFor) return false;
  const corrected = correctTests(shown, correctedFor);
  if (!named.every((key, i) => keyFollows(key, corrected[i]!, report, scheme))) return false;
  return (
    next === null ||
    (isCorrected(next, corrected[named.length]!) &&
      isPowerOf(next) &&
      next.correctedPValue > alpha &&
      (scheme === null || testFollows(scheme, next)))
  );
}

/**
 * Reads a trace's report and refuses one whose corrections or verdicts do not follow from its figures.
 *
 * @param schemeOf - the mark under any key with the same law; with it p-values are worked out again too, from units and sums, unless it gives null
 * because the law hangs on the key.
 * @throws TokenmarkError `bad-config`.
 */
export function parseTraceReport(
  value: unknown,
  schemeOf?: (config: AnySchemeConfig) => WatermarkScheme | null,
): TraceReport {
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
  const fault = traceFault(report);
  if (fault !== null) refuse(fault);
  if (!traceFollows(report, schemeOf?.(report.scheme) ?? null)) {
    refuse("wanted the verdicts that follow from its figures, got others: it was changed");
  }
  if (canonicalJson(report.rivals) !== canonicalJson(TRACE_RIVALS)) refuse("wanted its rival explanations, got others");
  return report;
}
