import { createSampler, type WatermarkScheme } from "@tokenmark/core";
import { chiSquareTest, holm } from "@tokenmark/stats";
import seedrandom from "seedrandom";
import { lawOf } from "../models/law-of.ts";
import type { TextModel } from "../models/text-model.ts";
import type { DistributionRow } from "../survival/results.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";

/** Options of {@link proveDistribution}. */
export interface DistributionOptions {
  readonly contexts: number;
  /** Keys a context; a token is drawn once under each. */
  readonly keys: number;
  readonly temperature: number;
  readonly seed: string;
  /** Text to take contexts from. */
  readonly humanText: string;
}

const ALPHA = 0.01;
const CONTEXT_TOKENS = 24;
/** A context whose next token is all but certain shows nothing about a mark. */
const MOST_CERTAIN = 0.9;

/** Draws one next token under a key, as the generator does. */
function drawToken(
  scheme: WatermarkScheme,
  logits: Float32Array,
  context: readonly number[],
  temperature: number,
  random: () => number,
): number {
  const { width } = scheme.context;
  const seen = width === 0 ? [] : context.slice(-width);
  return createSampler({ temperature, random }).sample(logits, {
    mark: {
      stage: scheme.stage,
      apply: (marked, candidates) =>
        scheme.process(marked, seen, { random, ...(candidates === undefined ? {} : { candidates }) }),
    },
  });
}

/** Chi-square of counts against a law, the likeliest tokens first so that thin cells are pooled with their like. */
function fit(counts: Uint32Array, law: Float64Array, draws: number): number {
  const order = Array.from(law.keys()).sort((a, b) => law[b]! - law[a]! || a - b);
  return chiSquareTest(
    order.map((token) => counts[token]!),
    order.map((token) => draws * law[token]!),
  ).pValue;
}

/**
 * Tests whether next tokens, each drawn under a key of its own, follow the model's law: Pearson's chi-square in each of many contexts,
 * corrected for their number by Holm's method. A scheme that claims `distortionFree` must not be rejected; one that biases should be, which
 * shows that the test can tell.
 */
export async function proveDistribution(
  model: TextModel,
  maker: SchemeMaker,
  options: DistributionOptions,
): Promise<DistributionRow> {
  const { contexts, keys, temperature, seed, humanText } = options;
  const ids = Array.from(model.tokenizer.encode(humanText));
  const random = seedrandom(`${seed}/distribution/${maker.label}`);
  const places = seedrandom(`${seed}/distribution`);
  const pValues: number[] = [];
  for (let c = 0, tries = 0; c < contexts && tries < 20 * contexts; tries++) {
    const from = Math.floor(places() * (ids.length - CONTEXT_TOKENS));
    const context = ids.slice(from, from + CONTEXT_TOKENS);
    const { logits } = await model.source.next(context);
    const law = lawOf(logits, temperature);
    if (Math.max(...law) > MOST_CERTAIN) continue;
    c++;
    const counts = new Uint32Array(logits.length);
    for (let k = 0; k < keys; k++) {
      const scheme = maker.create(`${seed}/distribution/${c}/${k}`);
      const token = drawToken(scheme, logits.slice(), context, temperature, random);
      counts[token] = counts[token]! + 1;
    }
    pValues.push(fit(counts, law, keys));
  }
  const corrected = holm(pValues);
  return {
    model: model.name,
    scheme: maker.label,
    claimsDistortionFree: maker.distortionFree,
    contexts: pValues.length,
    keys,
    smallestHolmPValue: Math.min(1, ...corrected),
    rejected: corrected.filter((p) => p <= ALPHA).length,
  };
}
