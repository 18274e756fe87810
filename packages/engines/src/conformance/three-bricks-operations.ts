import { METHODS, SCORINGS } from "../contracts/three-bricks/three-bricks-detectors.ts";
import { type ThreeBricksSetting, windowLists, windowUniforms } from "../contracts/three-bricks/three-bricks-draws.ts";
import { threeBricksResult } from "../contracts/three-bricks/three-bricks-reading.ts";
import { windowSeed } from "../contracts/three-bricks/window-seed.ts";
import type { GoldenQuestion, Operation } from "./golden.ts";
import { integerIn, numberIn, tokensIn } from "./markllm-question.ts";

/** The files list the seeds of so many scored positions, from the first on. */
const LISTED_SEEDS = 3;

function seedsOf({ seed, saltKey, ngram }: ThreeBricksSetting, tokens: readonly number[]): readonly string[] {
  const hash = windowSeed(seed, saltKey);
  const count = Math.max(0, Math.min(LISTED_SEEDS, tokens.length - ngram - 1));
  return Array.from({ length: count }, (_, i) => {
    hash.load(tokens, i + 1, ngram);
    return ((BigInt(hash.high32()) << 32n) | BigInt(hash.low32())).toString();
  });
}

function detectors({ params, input }: GoldenQuestion): unknown {
  const setting: ThreeBricksSetting = {
    seed: integerIn(params, "seed", "0"),
    saltKey: integerIn(params, "saltKey", "35317"),
    ngram: numberIn(params, "ngram"),
    vocabSize: numberIn(params, "vocabSize"),
    payload: numberIn(params, "payload", 0),
  };
  const { ngram } = setting;
  const gamma = numberIn(params, "gamma");
  const tokens = tokensIn(input, "tokens");
  const lists = windowLists(setting, gamma);
  const source = windowUniforms(setting);
  const green = tokens.map((token, at) => {
    if (at < ngram) return 0;
    lists.seed(tokens, at - ngram, ngram);
    return lists.isGreen(token) ? 1 : 0;
  });
  const races = tokens.map((token, at) => {
    if (at < ngram) return 0;
    source.seed(tokens, at - ngram, ngram);
    return 0 - Math.log(1 - source.uniform(token));
  });
  const results = SCORINGS.flatMap((scoring) =>
    METHODS.map((method) => {
      const scores: readonly number[] = method.startsWith("maryland") ? green : races;
      const { count, score, p } = threeBricksResult({ method, scoring, ngram, gamma }, tokens, (at) => scores[at]!);
      return [`${method}/${scoring}`, { ntoks: count, score, p }] as const;
    }),
  );
  return { ...Object.fromEntries(results), seeds: seedsOf(setting, tokens) };
}

/** Operations of the Three Bricks files. */
export const threeBricksOperations: readonly Operation[] = Object.freeze([
  { op: "three_bricks_detectors", run: detectors },
]);
