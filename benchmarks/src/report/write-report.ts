import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SurvivalResults } from "../survival/results.ts";
import { blocksToHtml } from "./blocks-html.ts";
import { blocksToMarkdown } from "./blocks-markdown.ts";
import { reportBlocks, reportTitle } from "./report-blocks.ts";
import type { ReportOptions } from "./report-scope.ts";

/** The files of a report by their path inside its folder; the same results give the same bytes. */
export function reportFiles(results: SurvivalResults, options: ReportOptions = {}): ReadonlyMap<string, string> {
  const blocks = reportBlocks(results, options);
  const files = new Map([
    ["report.html", blocksToHtml(reportTitle(results), blocks)],
    ["report.md", blocksToMarkdown(blocks)],
  ]);
  for (const block of blocks) {
    if (block.kind === "figure") files.set(`figures/${block.figure.file}`, `${block.figure.svg}\n`);
  }
  return files;
}

/**
 * Writes `report.html` (one file that holds everything, without scripts), `report.md` and `figures/*.svg` into a folder, which is
 * made if it is not there; files of the same names are replaced. Gives the paths written.
 */
export async function writeReport(
  results: SurvivalResults,
  folder: string,
  options: ReportOptions = {},
): Promise<readonly string[]> {
  await mkdir(join(folder, "figures"), { recursive: true });
  const files = [...reportFiles(results, options)].map(([path, text]) => ({ path: join(folder, path), text }));
  for (const { path, text } of files) await writeFile(path, text);
  return files.map(({ path }) => path);
}
