import { TokenmarkError } from "@tokenmark/core";
import { type AuditReport, parseAuditReport } from "@tokenmark/radioactivity";
import { readJson } from "../read-input.ts";

/**
 * Reads what `audit-model run` wrote with `--out`.
 *
 * @throws TokenmarkError `io`, `bad-config` for another file or a report that does not fit its plan.
 */
export async function readReport(path: string, signal: AbortSignal): Promise<AuditReport> {
  try {
    return parseAuditReport(await readJson(path, "report", signal));
  } catch (cause) {
    if (!(cause instanceof TokenmarkError) || cause.code !== "bad-config") throw cause;
    throw new TokenmarkError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}
