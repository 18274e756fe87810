import type { TokenSequence } from "@tokenmark/core";
import type { EngineReading } from "../../contract.ts";
import { exponentialSum } from "./exponential-detector.ts";
import type { KeyedUniforms } from "./exponential-scheme.ts";

/** The sum of −ln(1 − u) and its Gamma tail as both of MarkLLM's EXP detectors print them. */
export function exponentialReading(
  source: KeyedUniforms,
  prefixLength: number,
  threshold: number,
  tokens: TokenSequence,
): EngineReading {
  const { uniforms, total, p } = exponentialSum(source, prefixLength, tokens);
  const scored = uniforms.length;
  return {
    tokensScored: scored,
    statisticName: "sum of -ln(1 - u)",
    statistic: scored === 0 ? null : total,
    pValue: scored === 0 ? null : p,
    marked: scored === 0 ? null : p < threshold,
    faults: [
      "A repeated context with its token is a copy of one random number; this sum counts it as new evidence each time, so repetitive text gets too small a p.",
      "The p is computed outside log space and is 0 from about 1e-308 down.",
    ],
  };
}
