import { TokenmarkError } from "@tokenmark/core";
import { type AuditReport, parseAuditReport, parseTraceReport, type TraceReport } from "@tokenmark/radioactivity";
import { readJson } from "../read-input.ts";
import { inFile } from "./in-file.ts";
import { schemeOfLaw } from "./plan-keys.ts";

async function readAs<Report>(path: string, parse: (value: unknown) => Report, signal: AbortSignal): Promise<Report> {
  try {
    return parse(await readJson(path, "report", signal));
  } catch (cause) {
    // What reading throws names the file itself.
    throw cause instanceof TokenmarkError && cause.code === "bad-config" ? inFile(path, cause) : cause;
  }
}

const parseAudit = (value: unknown): AuditReport => parseAuditReport(value, ({ scheme }) => schemeOfLaw(scheme));

/**
 * Reads what `audit-model run` wrote with `--out`.
 *
 * @throws TokenmarkError `io`, `bad-config` for another file or a report that does not fit its plan.
 */
export const readReport = (path: string, signal: AbortSignal): Promise<AuditReport> => readAs(path, parseAudit, signal);

/**
 * Reads what `audit-model run` or `trace` wrote with `--out`.
 *
 * @throws TokenmarkError as {@link readReport}.
 */
export const readAnyReport = (path: string, signal: AbortSignal): Promise<AuditReport | TraceReport> =>
  readAs<AuditReport | TraceReport>(
    path,
    (value) =>
      (value as Partial<TraceReport> | null)?.format === "tokenmark-trace-report/1"
        ? parseTraceReport(value, schemeOfLaw)
        : parseAudit(value),
    signal,
  );
