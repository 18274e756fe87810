import type { TokenSequence, WatermarkScheme } from "@tokenmark/core";
import { detectTokens } from "@tokenmark/detector";
import { timeMedian } from "../timing.ts";
import { syntheticTokens } from "./cases.ts";
import { lefthashCase, synthidCase } from "./engine-cases.ts";

/** Detection of one engine's mark, next to the plain path of the same contract. */
export interface EngineDetectionRow {
  readonly contract: string;
  readonly vocabularySize: number;
  readonly tokens: number;
  /** Contexts that the scheme's hash meets for the first time, over all positions. */
  readonly distinctContexts: number;
  readonly tokensPerSecond: number;
  /** Tokens at the text's beginning that the plain path was timed on: it keeps nothing, so its rate is that of the whole text. */
  readonly plainTokens: number;
  readonly plainTokensPerSecond: number;
  /** Fast over plain. */
  readonly speedup: number;
}

/** Options of {@link measureEngineDetection}. */
export interface EngineDetectionOptions {
  readonly tokens: number;
  readonly runs: number;
  /** Tokens that a plain path which draws a permutation a token is given. */
  readonly plainListTokens: number;
}

const VOCABULARY = 50_257;

/**
 * Tokens a second through `detectTokens` over one text by Zipf's law, deduplication and p-value included. Green lists are drawn from a cold
 * cache: the scheme is made anew in every run, inside the clock.
 */
export function measureEngineDetection(options: EngineDetectionOptions): EngineDetectionRow[] {
  const { tokens: count, runs, plainListTokens } = options;
  const tokens = syntheticTokens(count, VOCABULARY, "engine-detection-speed");
  const rate = (scheme: () => WatermarkScheme, text: TokenSequence, runs: number): number =>
    (1000 * text.length) / timeMedian(() => void detectTokens(scheme(), text), { runs });
  return [
    { subject: synthidCase(), width: 4, plainTokens: count, isCold: false },
    { subject: lefthashCase(VOCABULARY), width: 1, plainTokens: Math.min(count, plainListTokens), isCold: true },
  ].map(({ subject, width, plainTokens, isCold }): EngineDetectionRow => {
    const fast = subject.fast();
    const plain = subject.plain();
    const tokensPerSecond = rate(isCold ? subject.fast : () => fast, tokens, runs);
    const plainTokensPerSecond = rate(() => plain, tokens.subarray(0, plainTokens), Math.ceil(runs / 3));
    return {
      contract: subject.contract,
      vocabularySize: VOCABULARY,
      tokens: count,
      distinctContexts: distinctContexts(tokens, width),
      tokensPerSecond,
      plainTokens,
      plainTokensPerSecond,
      speedup: tokensPerSecond / plainTokensPerSecond,
    };
  });
}

/** Share of positions whose preceding `width` tokens stand there for the first time. */
export function distinctContexts(tokens: TokenSequence, width: number): number {
  const seen = new Set<string>();
  const positions = tokens.length - width;
  for (let i = 0; i < positions; i++) seen.add(Array.prototype.slice.call(tokens, i, i + width).join());
  return seen.size / positions;
}
