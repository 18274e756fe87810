import { Key, type MarkedSpan, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import seedrandom from "seedrandom";

/** What a contract test needs to know of a scheme. */
export interface ContractSubject {
  readonly name: string;
  readonly makeScheme: (key: Key) => WatermarkScheme;
  /** Ids 0 … vocabularySize − 1 occur in the tests. */
  readonly vocabularySize: number;
  /** Tokens of a marked text. */
  readonly length: number;
  /** Least z-score of a marked text. */
  readonly leastZ: number;
  /** Fresh keys of the test of the law. */
  readonly lawKeys: number;
  /** True for a mark without a key: everybody has the same one, so that no other key can be silent. */
  readonly keyless: boolean;
}

/** A key for tests, the same on every run. */
export function testKey(label: string): Key {
  return Key.fromHex("07".repeat(32)).derive(`testkit/${label}`);
}

/** Uniform random ids below `kinds`; few kinds make repeats. */
export function randomTokens(seed: string, length: number, kinds: number): Int32Array {
  const random = seedrandom(seed);
  return Int32Array.from({ length }, () => Math.floor(random() * kinds));
}

/** Scores and identities of a span's generated tokens. */
export interface SpanScores {
  readonly scores: Float64Array;
  readonly units: Uint32Array;
}

/** `scoreAll` into fresh arrays that hold rubbish before. */
export function scoreSpan(scheme: WatermarkScheme, span: MarkedSpan): SpanScores {
  const n = span.tokens.length - span.start;
  const scores = new Float64Array(n).fill(12345);
  const units = new Uint32Array(2 * n).fill(0xdeadbeef);
  scheme.scoreAll(span, scores, units);
  return { scores, units };
}

/** An identity as a map key. */
export function unitKey(units: Uint32Array, i: number): string {
  return `${units[2 * i]}:${units[2 * i + 1]}`;
}

/** Sum and number of the scores whose identity comes up for the first time. */
export function countOnce(
  scheme: WatermarkScheme,
  tokens: TokenSequence,
): { readonly sum: number; readonly n: number } {
  const { scores, units } = scoreSpan(scheme, { tokens, start: 0, promptKnown: true });
  const seen = new Set<string>();
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i]!) || seen.has(unitKey(units, i))) continue;
    seen.add(unitKey(units, i));
    sum += scores[i]!;
  }
  return { sum, n: seen.size };
}
