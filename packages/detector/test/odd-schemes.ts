import { type ContextRule, defineScheme, type Key, type NullLaw, type WatermarkScheme } from "@tokenmark/core";

/** Facts of an odd scheme that differ from the usual. */
export interface OddFacts {
  readonly context: ContextRule;
  readonly unit?: WatermarkScheme["unit"];
  readonly nullLaw?: NullLaw;
  /** Score from a uniform of context and token. @defaultValue −ln u */
  readonly score?: (uniform: number) => number;
  /** Most marked contexts. @defaultValue no guard at all */
  readonly budget?: number;
}

/** A scheme with an unusual context rule or law, to hold the detector to the contract and not to our five schemes. */
export function oddScheme(key: Key, facts: OddFacts): WatermarkScheme {
  const { context, unit = "context", nullLaw = { family: "exponential", weights: [1] }, score = negativeLog } = facts;
  const start = new DataView(key.bytes("odd", 4).buffer).getInt32(0);
  let state = 0;
  const value = (token: number): number => score(((step(state, token) >>> 0) + 0.5) / 4294967296);
  return defineScheme(
    {
      name: "odd",
      context,
      repeats:
        facts.budget === undefined
          ? { kind: "none" }
          : { kind: "contexts", scope: "generated", history: null, counts: "marked", budget: facts.budget },
      nullLaw,
      unit,
      stage: "after-truncation",
      selects: false,
      needsSampling: false,
      distortionFree: false,
      components: 1,
    },
    {
      seed(tokens, from, count) {
        state = start;
        for (let i = 0; i < count; i++) state = step(state, tokens[from + i]!);
      },
      score: value,
      parts(token, out, at) {
        out[at] = value(token);
      },
      unit(token, units, at) {
        units[at] = state;
        units[at + 1] = unit === "ngram" ? token + 1 : 0;
      },
      mark() {},
    },
  );
}

const negativeLog = (uniform: number): number => -Math.log(uniform);

function step(state: number, word: number): number {
  let x = Math.imul(state ^ word ^ (word << 13), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
