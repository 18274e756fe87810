import type { Key } from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import { timeMedian } from "../timing.ts";
import { detectionCases, syntheticTokens } from "./cases.ts";

/** Detection throughput of one scheme, deduplication and p-value included. */
export interface DetectionRow {
  readonly scheme: string;
  readonly tokens: number;
  readonly millionTokensPerSecond: number;
}

/** Tokens a second through `detectTokens` over one long array. */
export function measureDetection(
  key: Key,
  options: { readonly tokens: number; readonly runs: number },
): DetectionRow[] {
  const tokens = syntheticTokens(options.tokens, 50_257, "detection-speed");
  const cases = detectionCases(key);
  // Every case once before the first is timed, so that their order does not matter.
  for (const { scheme } of cases) timeMedian(() => void detectTokens(scheme, tokens), { runs: 3 });
  return cases.map(({ name, scheme }) => {
    const milliseconds = timeMedian(() => void detectTokens(scheme, tokens), { runs: options.runs });
    return { scheme: name, tokens: options.tokens, millionTokensPerSecond: options.tokens / milliseconds / 1000 };
  });
}
