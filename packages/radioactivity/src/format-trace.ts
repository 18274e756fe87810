import { controlLine, decades, intervalText, textsCount, wrongKeyLines } from "./report-lines.ts";
import type { TraceReport } from "./run-trace.ts";

/** A trace for people. */
export function formatTraceReport(report: TraceReport): string {
  const {
    suspect,
    scheme,
    alpha,
    correctedFor,
    accountsSha256,
    probe,
    leftOut,
    named,
    next,
    others,
    controls,
    rivals,
  } = report;
  const lines = [
    `Trace of ${suspect}`,
    `${correctedFor} registered keys of ${scheme.scheme} (accounts' SHA-256 ${accountsSha256.slice(0, 16)}…), family-wise error ${alpha} (Holm)`,
    `Probe: ${probe.transcripts} transcripts, ${probe.tokens} tokens, SHA-256 ${probe.sha256.slice(0, 16)}…; left out under other keys: ${leftOut}`,
    `Clean models under the right key: ${controls.length === 0 ? "none" : controls.join(", ")}`,
    "",
    named.length === 0
      ? "No key is named. That clears nobody."
      : `Keys that pass the corrected test: ${named.length}, of which ${named.filter(({ verdict }) => verdict === "trained-on-marked").length} with controls and wrong keys in order`,
  ];
  for (const key of named) {
    lines.push(
      `${key.id}, key ${key.keyId}: ${key.verdict.toUpperCase()} at ${alpha}`,
      `  ${key.because}`,
      `  suspect        p ${decades(key.log10PValue)} (corrected ${decades(key.correctedLog10PValue)}), mean score ${key.meanScore.toFixed(4)}, ${key.expectedScore.toFixed(4)} without the mark`,
      `                 95 % interval over ${textsCount(key.clusters)} ${intervalText(key.scoreInterval)}; read with ${key.reads === "own" ? "its own answers" : "answers that are nobody's"}`,
      `                 ${key.tokensScored} unique units of ${key.positions} positions, left out: ${key.copied} copies of the transcript, ${key.repeated} repeats; tail ${key.tail}`,
      ...key.controls.map(controlLine),
      ...wrongKeyLines(key.wrongKeys, key.zScore),
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
  lines.push("", "What a named key does not show, and no p-value rules out:", ...rivals.map((rival) => `  - ${rival}`));
  return `${lines.join("\n")}\n`;
}
