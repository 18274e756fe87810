import type { Key, WatermarkScheme } from "@tokenmark/core";
import { describe } from "vitest";
import { describeMarking } from "./contract-marking.ts";
import { describeScoring } from "./contract-scoring.ts";
import { describeStatistics } from "./contract-statistics.ts";

/** Options of {@link describeSchemeContract}. */
export interface SchemeContractOptions {
  /** Ids that the tests use; at least 256. @defaultValue 1024 */
  readonly vocabularySize?: number;
  /** Tokens of the marked text. @defaultValue 400 */
  readonly length?: number;
  /** Least z-score of the marked text. Weak marks say less. @defaultValue 6 */
  readonly leastZ?: number;
  /** Fresh keys that share the 20,000 units of the test of the law; fewer where a key costs much. @defaultValue 2000 */
  readonly lawKeys?: number;
  /** True for a mark without a key: everybody has the same one, so that no other key can be silent. @defaultValue false */
  readonly keyless?: boolean;
}

/**
 * The contract that every scheme keeps, ours, an engine's or yours: a vitest suite. Call it at the top level of a test file.
 *
 * @example
 * describeSchemeContract("gumbel, width 4", (key) => gumbel(key));
 */
export function describeSchemeContract(
  name: string,
  makeScheme: (key: Key) => WatermarkScheme,
  options: SchemeContractOptions = {},
): void {
  const { vocabularySize = 1024, length = 400, leastZ = 6, lawKeys = 2000, keyless = false } = options;
  const subject = { name, makeScheme, vocabularySize, length, leastZ, lawKeys, keyless };
  describe(`scheme contract: ${name}`, () => {
    describeScoring(subject);
    describeMarking(subject);
    describeStatistics(subject);
  });
}
