import { textTable } from "../report-table.ts";
import type { EngineDetectionRow } from "./engine-detection-speed.ts";
import type { EngineMarkingRow } from "./engine-marking-speed.ts";

/** The engines' own code, measured once and elsewhere: for orientation, not part of any ratio. */
export const ENGINE_REFERENCE: string =
  "Python for comparison (transformers and synthid-text on PyTorch 1.13.1, one thread of a two-core EPYC server): SynthID depth 30 at 151,936 144 ms, top-100 0.70 ms, detection 0.028 M tokens/s; KGW lefthash at 151,936 0.71 ms, detection at 50,257 0.0055 M tokens/s, both detections on uniform ids";

const millions = (rate: number): string => (rate / 1e6).toFixed(rate < 1e6 ? 4 : 2);

/** The engines' part of the report, line by line. */
export function engineTables(report: {
  readonly engineMarking: readonly EngineMarkingRow[];
  readonly engineDetection: readonly EngineDetectionRow[];
}): string[] {
  return [
    "Engines' marks, one step (plain: the same contract layer by layer, or with the whole permutation; both give equal results)",
    textTable(
      ["contract", "logits", "ms", "plain ms", "plain/ours"],
      report.engineMarking.map((row) => [
        row.contract,
        `${row.kind} ${row.candidates}`,
        row.milliseconds.toFixed(4),
        row.plainMilliseconds.toFixed(4),
        row.speedup.toFixed(1),
      ]),
    ),
    "",
    "Engines' marks, detecting token arrays; green lists from a cold cache",
    textTable(
      ["contract", "vocabulary", "tokens", "distinct contexts", "M tokens/s", "plain M tokens/s", "ours/plain"],
      report.engineDetection.map((row) => [
        row.contract,
        row.vocabularySize,
        row.tokens,
        `${(100 * row.distinctContexts).toFixed(1)} %`,
        millions(row.tokensPerSecond),
        millions(row.plainTokensPerSecond),
        row.speedup.toFixed(1),
      ]),
    ),
    ENGINE_REFERENCE,
  ];
}
