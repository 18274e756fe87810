import { createSampler, TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { chiSquareTest, holm } from "@tokenmark/stats";
import seedrandom from "seedrandom";
import { type SamplingLaw, samplingLaw } from "../models/sampling-law.ts";
import type { SamplingSettings, TextModel } from "../models/text-model.ts";
import type { DistributionRow } from "../survival/results.ts";
import type { SchemeMaker } from "../survival/scheme-maker.ts";

/** Options of {@link proveDistribution}. */
export interface DistributionOptions {
  readonly contexts: number;
  /** Keys; under each a token is drawn once a context. */
  readonly keys: number;
  readonly sampling: SamplingSettings;
  readonly seed: string;
  /** Text to take contexts from. */
  readonly humanText: string;
}

const ALPHA = 0.01;
const CONTEXT_TOKENS = 24;
/** A context whose next token is all but certain shows nothing about a mark. */
const MOST_CERTAIN = 0.9;

/** A context with what the model says behind it, and what was drawn. */
interface Place {
  readonly context: readonly number[];
  readonly logits: Float32Array;
  readonly law: SamplingLaw;
  /** By token. */
  readonly counts: Uint32Array;
}

async function findPlaces(model: TextModel, options: DistributionOptions): Promise<readonly Place[]> {
  const { contexts, sampling, seed, humanText } = options;
  const ids = Array.from(model.tokenizer.encode(humanText));
  const lawOf = samplingLaw(sampling);
  const random = seedrandom(`${seed}/distribution`);
  const found: Place[] = [];
  for (let tries = 0; found.length < contexts && tries < 20 * contexts; tries++) {
    const from = Math.floor(random() * (ids.length - CONTEXT_TOKENS));
    const context = ids.slice(from, from + CONTEXT_TOKENS);
    const answer = await model.source.next(context);
    if (answer.candidates !== undefined) {
      throw new TokenmarkError("bad-answer", "distribution proof: wanted scores of all tokens, got those of some");
    }
    // A source may use its array again.
    const logits = answer.logits.slice();
    const law = lawOf(logits);
    if (law.probabilities.some((probability) => probability > MOST_CERTAIN)) continue;
    found.push({ context, logits, law, counts: new Uint32Array(logits.length) });
  }
  return found;
}

/** Draws one next token under a key, as the generator does. */
function drawToken(
  scheme: WatermarkScheme,
  { context, logits }: Place,
  sampling: SamplingSettings,
  random: () => number,
): number {
  const { width } = scheme.context;
  const seen = width === 0 ? [] : context.slice(-width);
  return createSampler({ ...sampling, random }).sample(logits.slice(), {
    mark: {
      stage: scheme.stage,
      apply: (marked, candidates) =>
        scheme.process(marked, seen, { random, ...(candidates === undefined ? {} : { candidates }) }),
    },
  });
}

/**
 * Chi-square of counts against a law, the likeliest tokens first so that thin cells are pooled with their like. A token that the law leaves out,
 * once drawn, rejects it.
 */
function fit({ counts, law: { tokens, probabilities } }: Place, draws: number): number {
  const order = Array.from(tokens.keys()).sort(
    (a, b) => probabilities[b]! - probabilities[a]! || tokens[a]! - tokens[b]!,
  );
  const observed = order.map((i) => counts[tokens[i]!]!);
  if (observed.reduce((sum, count) => sum + count, 0) < draws) return 0;
  return chiSquareTest(
    observed,
    order.map((i) => draws * probabilities[i]!),
  ).pValue;
}

/**
 * Tests whether next tokens, each drawn under a key of its own, follow the law of the unmarked sampler: Pearson's chi-square in each of many
 * contexts, corrected for their number by Holm's method. A scheme that claims `distortionFree` must not be rejected; one that biases should be,
 * which shows that the test can tell. Contexts share their keys; each is tested alone, and Holm's method holds whatever hangs together.
 */
export async function proveDistribution(
  model: TextModel,
  maker: SchemeMaker,
  options: DistributionOptions,
): Promise<DistributionRow> {
  const { keys, sampling, seed } = options;
  const random = seedrandom(`${seed}/distribution/${maker.label}`);
  const places = await findPlaces(model, options);
  for (let k = 0; k < keys; k++) {
    const scheme = maker.create(`${seed}/distribution/${k}`);
    for (const place of places) {
      const token = drawToken(scheme, place, sampling, random);
      place.counts[token] = place.counts[token]! + 1;
    }
  }
  const corrected = holm(places.map((place) => fit(place, keys)));
  return {
    model: model.name,
    scheme: maker.label,
    claimsDistortionFree: maker.distortionFree,
    contexts: places.length,
    keys,
    smallestHolmPValue: Math.min(1, ...corrected),
    rejected: corrected.filter((p) => p <= ALPHA).length,
  };
}
