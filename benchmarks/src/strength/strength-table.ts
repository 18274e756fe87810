import { textTable } from "../report-table.ts";
import type { StrengthReport } from "./strength.ts";

/** The report as text for a terminal. */
export function formatStrength(report: StrengthReport): string {
  const { model, temperature, topP, tokens, texts, unmarkedTexts, seed } = report;
  return [
    `Evidence on ${model}: ${texts} texts of ${tokens} tokens a scheme, temperature ${temperature}, top-p ${topP}, a key each, seed ${seed}`,
    `log10 p, medians; found: verdict "marked" at alpha 1e-6; false alarms: p <= .01 among ${unmarkedTexts} unmarked texts, a key each`,
    "",
    textTable(
      ["scheme", "scored", "from text", "from ids", "10% words deleted", "found", "false alarms", "rate, 95%"],
      report.rows.map((row) => [
        row.scheme,
        row.tokensScored,
        row.fromText.toFixed(1),
        row.fromIds.toFixed(1),
        row.edited.toFixed(1),
        `${row.found} of ${texts}`,
        row.falseAlarms,
        `${row.falseAlarmRate[0].toFixed(4)}-${row.falseAlarmRate[1].toFixed(4)}`,
      ]),
    ),
  ].join("\n");
}
