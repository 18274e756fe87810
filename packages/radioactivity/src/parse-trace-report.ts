import { type AnySchemeConfig, TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { canonicalJson } from "./canonical-json.ts";
import { correctTests } from "./correct-tests.ts";
import { decideVerdict } from "./decide-verdict.ts";
import { figuresFollow, isNear } from "./follows.ts";
import { loudLevel } from "./loud-level.ts";
import { TRACE_RIVALS, type TracedKey, type TraceReport } from "./run-trace.ts";

/** What a trace's keys are held against. */
type Held = Pick<TraceReport, "correctedFor" | "alpha" | "controls">;

/** Whether a key's figures, correction, verdict and reason hang together. */
function keyFollows(
  key: TracedKey,
  corrected: { readonly correctedPValue: number; readonly correctedLog10PValue: number },
  { correctedFor, alpha, controls }: Held,
  scheme: WatermarkScheme | undefined,
): boolean {
  const figures = { ...key, suspect: key };
  const { verdict, because } = decideVerdict(
    { ...figures, pilotUnits: null, collected: false },
    corrected.correctedPValue,
    alpha,
    correctedFor,
  );
  return (
    verdict === key.verdict &&
    because === key.because &&
    isNear(corrected.correctedLog10PValue, key.correctedLog10PValue) &&
    isNear(corrected.correctedPValue, key.correctedPValue) &&
    corrected.correctedPValue <= alpha &&
    canonicalJson(key.controls.map(({ name }) => name)) === canonicalJson(controls) &&
    (scheme === undefined || figuresFollow(scheme, figures, loudLevel(alpha, correctedFor)))
  );
}

/**
 * Reads a trace's report and refuses one whose corrections or verdicts do not follow from its figures.
 *
 * @param schemeOf - the mark under any key; with it p-values are worked out again too, from units and sums.
 * @throws TokenmarkError `bad-config`.
 */
export function parseTraceReport(value: unknown, schemeOf?: (config: AnySchemeConfig) => WatermarkScheme): TraceReport {
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
  const { named, correctedFor } = report;
  let follows = true;
  try {
    const scheme = schemeOf?.(report.scheme);
    // Of all keys those that are named have the smallest p-values, so Holm's correction of them needs no others.
    const others = Array.from({ length: correctedFor - named.length }, () => ({
      ...named[0]!,
      pValue: 1,
      log10PValue: 0,
    }));
    const corrected = correctTests([...named, ...others]);
    follows = named.every((key, i) => keyFollows(key, corrected[i]!, report, scheme));
  } catch {
    refuse("wanted whole results, got some with figures missing");
  }
  if (!follows) refuse("wanted the verdicts that follow from its figures, got others: it was changed");
  if (canonicalJson(report.rivals) !== canonicalJson(TRACE_RIVALS)) refuse("wanted its rival explanations, got others");
  return report;
}
