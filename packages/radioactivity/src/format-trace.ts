import { decades, wrongKeyLines } from "./report-lines.ts";
import type { TraceReport } from "./run-trace.ts";

/** A trace for people. */
export function formatTraceReport(report: TraceReport): string {
  const { suspect, alpha, correctedFor, probe, named, next, others, controls, rivals } = report;
  const lines = [
    `Trace of ${suspect}`,
    `${correctedFor} registered keys, family-wise error ${alpha} (Holm)`,
    `Probe: ${probe.transcripts} transcripts, ${probe.tokens} tokens, SHA-256 ${probe.sha256.slice(0, 16)}…`,
    `Clean models under the right key: ${controls.length === 0 ? "none" : controls.join(", ")}`,
    "",
    named.length === 0 ? "No key is named. That clears nobody." : `${named.length} of them stand out:`,
  ];
  for (const key of named) {
    lines.push(
      `${key.id}: ${key.verdict.toUpperCase()}`,
      `  ${key.because}`,
      `  suspect        p ${decades(key.log10PValue)} (corrected ${decades(key.correctedLog10PValue)}), mean score ${key.meanScore.toFixed(4)}, ${key.expectedScore.toFixed(4)} without the mark, ${key.tokensScored} units`,
      ...key.controls.map(
        ({ role, name, log10PValue, meanScore, tokensScored }) =>
          `  ${role.padEnd(14)} p ${decades(log10PValue)}, mean score ${meanScore.toFixed(4)}, ${tokensScored} units (${name})`,
      ),
      ...wrongKeyLines(key.wrongKeys),
    );
  }
  if (next !== null)
    lines.push(`The next one, not named: ${next.id}, corrected p ${decades(next.correctedLog10PValue)}`);
  if (others !== null) {
    const [hundredth, thousandth] = others.atOrBelow;
    lines.push(
      `The ${others.keys} others with 30 units or more: KS p ${others.ksPValue.toPrecision(2)}, ≤ .01: ${hundredth}, ≤ .001: ${thousandth}`,
    );
  }
  lines.push("", "What a small p does not rule out:", ...rivals.map((rival) => `  - ${rival}`));
  return `${lines.join("\n")}\n`;
}
