import type { SurvivalResults } from "../survival/results.ts";
import { adversarySection } from "./adversary-section.ts";
import { adviceParagraphs } from "./advice.ts";
import { chooseDefault } from "./choose-default.ts";
import { missingGroups } from "./missing-cells.ts";
import { nullSection } from "./null-section.ts";
import { distributionSection, qualitySection } from "./quality-section.ts";
import { heading, paragraph, type ReportBlock, tableOr } from "./report-block.ts";
import { modelFigures } from "./report-figures.ts";
import { checkReportOptions, type ReportOptions } from "./report-scope.ts";
import { runSection } from "./run-section.ts";
import { survivalFigures } from "./survival-figures.ts";
import { attackSection, cleanSection, everyCellSection, type ModelScope } from "./survival-section.ts";

/** The report's name. */
export function reportTitle({ suite }: Pick<SurvivalResults, "suite">): string {
  return `What the marks survive: ${suite}`;
}

/**
 * The whole report, from the results alone.
 *
 * @throws TokenmarkError `bad-argument` for an option that names what was not run.
 */
export function reportBlocks(results: SurvivalResults, options: ReportOptions = {}): readonly ReportBlock[] {
  checkReportOptions(results, options);
  const figures = survivalFigures(results);
  const scopes = results.models.map(
    ({ name: model }): ModelScope => ({
      results,
      figures,
      model,
      drawn: modelFigures(results, figures, model, options),
      options,
    }),
  );
  return [
    heading(1, reportTitle(results)),
    heading(2, "Which scheme to choose"),
    ...adviceParagraphs(results, figures, chooseDefault(results), options).map(paragraph),
    ...runSection(results),
    ...scopes.flatMap((scope) => [
      heading(2, `Results on ${scope.model}`),
      ...cleanSection(scope),
      ...attackSection(scope),
      ...nullSection(scope),
      ...qualitySection(scope),
      ...distributionSection(scope),
      ...adversarySection(scope),
    ]),
    ...missingSection(results),
    heading(2, "Every cell"),
    ...scopes.flatMap(everyCellSection),
  ];
}

function missingSection(results: SurvivalResults): readonly ReportBlock[] {
  return [
    heading(2, "What is missing"),
    tableOr(
      {
        caption: "What could not be measured, and why. Skipped: something is not installed or named. Failed: it threw",
        head: ["status", "reason", "number", "what"],
        rows: missingGroups(results).map(({ status, reason, count, what }) => [
          status,
          reason,
          String(count),
          what.join(" | "),
        ]),
      },
      "Nothing: every cell was measured.",
    ),
  ];
}
