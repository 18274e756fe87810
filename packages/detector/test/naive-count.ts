import type { TokenSequence, WatermarkScheme } from "@tokenmark/core";

/** Counted evidence, worked out the slow way. */
export interface NaiveCount {
  readonly sum: number;
  readonly scored: number;
  readonly repeated: number;
  readonly unscoreable: number;
}

/** What the detector should count, from `scoreAll` over the whole text and a set of strings: no windows, no chunks. */
export function naiveCount(
  scheme: WatermarkScheme,
  prompt: TokenSequence | undefined,
  generated: TokenSequence,
  dropPromptUnits: boolean,
): NaiveCount {
  const before = Array.from(prompt ?? []);
  const seen = new Set<string>();
  const { repeats } = scheme;
  const budget = (repeats.kind === "contexts" ? repeats.budget : undefined) ?? Number.POSITIVE_INFINITY;
  const spent = new Set<string>();
  if (dropPromptUnits) {
    const own = scoreSpan(scheme, before, 0, true);
    for (let i = 0; i < before.length; i++) if (!Number.isNaN(own.scores[i]!)) seen.add(own.key(i));
  }
  const { scores, key } = scoreSpan(scheme, [...before, ...Array.from(generated)], before.length, prompt !== undefined);
  const count = { sum: 0, scored: 0, repeated: 0, unscoreable: 0 };
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i]!)) {
      count.unscoreable++;
      continue;
    }
    const isBeyond = !spent.has(key(i)) && spent.size >= budget;
    if (!isBeyond) spent.add(key(i));
    if (seen.has(key(i))) count.repeated++;
    else if (isBeyond) {
      seen.add(key(i));
      count.unscoreable++;
    } else {
      seen.add(key(i));
      count.sum += scores[i]!;
      count.scored++;
    }
  }
  return count;
}

function scoreSpan(
  scheme: WatermarkScheme,
  tokens: readonly number[],
  start: number,
  promptKnown: boolean,
): { readonly scores: Float64Array; readonly key: (i: number) => string } {
  const scores = new Float64Array(tokens.length - start);
  const units = new Uint32Array(2 * scores.length);
  scheme.scoreAll({ tokens, start, promptKnown }, scores, units);
  return { scores, key: (i) => `${units[2 * i]}:${units[2 * i + 1]}` };
}
