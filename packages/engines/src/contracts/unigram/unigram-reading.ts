import type { EngineReading, EngineText } from "../../contract.ts";
import { checkAllInVocabulary } from "./check-vocabulary.ts";
import { countGreen, unigramZ } from "./unigram-detectors.ts";
import { unigramMask } from "./unigram-mask.ts";
import type { UnigramSetting } from "./unigram-scheme.ts";

/**
 * z over every token as both code bases compute it; neither prints a p-value.
 *
 * @param threshold - z above which the engine says marked, or null where the caller is asked for one.
 */
export function unigramReading(
  setting: Omit<UnigramSetting, "delta">,
  threshold: number | null,
  text: EngineText,
): EngineReading {
  const { key, fraction, vocabSize } = setting;
  checkAllInVocabulary(text.tokens, vocabSize);
  const counts = countGreen(unigramMask(key, fraction, vocabSize), text.tokens);
  const z = unigramZ(counts, fraction).all;
  const faults = [
    "The mark has one list, so a repeated token is a copy of one random number; this z counts it as new evidence each time.",
    "The z uses the configured share, not ⌊fV⌋/V, and is no p-value: over a fixed list nothing makes it normal in short or repetitive text.",
  ];
  return {
    tokensScored: counts.total,
    statisticName: "z over all tokens",
    statistic: z,
    pValue: null,
    marked: threshold === null || z === null ? null : z > threshold,
    faults,
  };
}
