import type { WatermarkScheme } from "@tokenmark/core";
import type { EngineText } from "../contract.ts";

/** The score of every token of a text in order, repeats included; NaN where none is possible. */
export function scoresOf(scheme: WatermarkScheme, { tokens, prompt }: EngineText): Float64Array {
  const before = prompt ?? [];
  const joined = new Int32Array(before.length + tokens.length);
  joined.set(before);
  joined.set(tokens, before.length);
  const out = new Float64Array(tokens.length);
  const span = { tokens: joined, start: before.length, promptKnown: prompt !== null };
  scheme.scoreAll(span, out, new Uint32Array(2 * tokens.length));
  return out;
}
