import { cpus } from "node:os";
import { Key } from "@tokenmark/core";
import { textTable } from "../report-table.ts";
import { type ApiSpeed, apiTables, measureApi } from "./api/api-speed.ts";
import { type DecodeShare, measureDecodeShare } from "./decode-share.ts";
import { type DetectionRow, measureDetection } from "./detection-speed.ts";
import { type EngineDetectionRow, measureEngineDetection } from "./engine-detection-speed.ts";
import { type EngineMarkingRow, measureEngineMarking } from "./engine-marking-speed.ts";
import { ENGINE_REFERENCE, engineTables } from "./engine-tables.ts";
import { type MarkingRow, measureMarking } from "./marking-speed.ts";

/** Everything one `tokenmark-bench speed` run measured. */
export interface SpeedReport {
  readonly benchmark: "speed";
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly marking: readonly MarkingRow[];
  readonly detection: readonly DetectionRow[];
  readonly engineMarking: readonly EngineMarkingRow[];
  readonly engineDetection: readonly EngineDetectionRow[];
  /** What the engines' own Python needs, from elsewhere: not measured in this run. */
  readonly engineReference: string;
  readonly decodeShare: DecodeShare | null;
  /** Marking through a server. */
  readonly api: ApiSpeed;
}

/** Options of {@link measureSpeed}. */
export interface SpeedOptions {
  /** Fewer sizes and runs: seconds instead of minutes. */
  readonly quick: boolean;
  readonly model: { readonly folder: string; readonly dtype?: string; readonly name: string } | null;
}

/** Runs the whole benchmark; one thread, medians. */
export async function measureSpeed(options: SpeedOptions): Promise<SpeedReport> {
  const { quick, model } = options;
  const key = Key.random();
  // First, because an auditor's process does nothing else: marking shapes the engine's machine code of the functions both share.
  const detection = measureDetection(key, { tokens: quick ? 50_000 : 200_000, runs: quick ? 5 : 15 });
  const engineDetection = measureEngineDetection({
    tokens: 100_000,
    runs: quick ? 3 : 9,
    plainListTokens: quick ? 500 : 2000,
  });
  return {
    benchmark: "speed",
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    marking: measureMarking(key, {
      dense: quick ? [50_257] : [50_257, 128_256, 151_936, 256_000],
      topK: quick ? [100] : [40, 100],
      runs: quick ? 9 : 31,
    }),
    detection,
    engineMarking: measureEngineMarking({
      dense: quick ? [151_936] : [50_257, 151_936],
      topK: [100],
      runs: quick ? 31 : 101,
      plainRuns: quick ? 5 : 15,
    }),
    engineDetection,
    engineReference: ENGINE_REFERENCE,
    decodeShare:
      model === null
        ? null
        : await measureDecodeShare(key, model, { topK: 100, tokens: quick ? 40 : 120, runs: quick ? 2 : 5 }),
    api: await measureApi(key, { quick, model }),
  };
}

const fixed = (digits: number) => (x: number) => x.toFixed(digits);
const [three, two, one] = [fixed(3), fixed(2), fixed(1)];

/** The report as text for a terminal. */
export function formatSpeed(report: SpeedReport): string {
  const { decodeShare: share } = report;
  const parts = [
    `Speed on ${report.cpu}, Node ${report.node}, one thread, medians, ${report.date}`,
    "",
    "Marking one step (ratio: against an unmarked softmax and draw over the same logits)",
    textTable(
      ["logits", "scheme", "ms", "ratio"],
      report.marking.map((row) => [
        `${row.kind} ${row.candidates}`,
        row.scheme,
        three(row.milliseconds),
        two(row.ratioToPlainDraw),
      ]),
    ),
    "",
    "Detecting token arrays, deduplication and p-value included",
    textTable(
      ["scheme", "tokens", "M tokens/s"],
      report.detection.map((row) => [row.scheme, row.tokens, one(row.millionTokensPerSecond)]),
    ),
    "",
    ...engineTables(report),
  ];
  if (share !== null) {
    parts.push(
      "",
      `Share of a decode step: ${share.model}, V ${share.vocabularySize}, exact mode, top-k ${share.topK}; step ${two(share.stepMilliseconds)} ms, unmarked sampler ${one(share.samplerMicroseconds)} us`,
      textTable(
        ["scheme", "added us", "share of step"],
        share.rows.map((row) => [row.scheme, one(row.addedMicroseconds), `${two(100 * row.shareOfStep)} %`]),
      ),
    );
  }
  parts.push("", ...apiTables(report.api));
  return parts.join("\n");
}
