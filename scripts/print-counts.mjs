// Prints "N passed, N failed" from a vitest JSON report, as the last line of a run. A report without tests is a failure.
import { readFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const skipped = report.numPendingTests + report.numTodoTests;
// A file that breaks before its first test has no failed test of its own, but the run has failed.
const broken = report.testResults.filter(
  (file) => file.status === "failed" && file.assertionResults.length === 0,
).length;
const failed = report.numFailedTests + broken;
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || report.numPassedTests === 0 ? 1 : 0;
