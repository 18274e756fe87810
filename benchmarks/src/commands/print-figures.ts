import { writeFileSync } from "node:fs";

/** Prints a report, and writes its figures as JSON where a file is named. */
export function printFigures(text: string, figures: unknown, file: string | undefined): void {
  console.log(text);
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(figures, null, 1)}\n`);
}
