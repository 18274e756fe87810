import { defineScheme, type NullLaw, TokenmarkError, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import {
  HASH_VALUES,
  type TextsealHash,
  textsealHash,
  textsealScore,
  textsealScore32,
  textsealUniform,
} from "./textseal-hash.ts";

/** A context rule for all TextSeal marks: prompt and output, the generator marks from the first whole window on. */
const facts = (ngram: number) =>
  ({
    context: { width: ngram, prompt: "included", missing: "unmarked" },
    // No generator of TextSeal leaves repeated contexts unmarked.
    repeats: { kind: "none" },
    stage: "after-truncation",
    distortionFree: false,
  }) as const;

/** The law of −ln(1 − r) over the hash's 8,191 values. */
export function scoreLaw(): NullLaw {
  return {
    family: "lattice",
    values: Float64Array.from({ length: HASH_VALUES }, (_, hash) => textsealScore(hash)),
    probabilities: new Float64Array(HASH_VALUES).fill(1 / HASH_VALUES),
  };
}

/** TextSeal's green list: a token is green if its hash is among the lowest. */
export function textsealGreenScheme(
  name: string,
  key: bigint,
  ngram: number,
  gamma: number,
  delta: number,
  green: number,
): WatermarkScheme {
  const hash = textsealHash(key);
  const limit = Math.fround(gamma);
  const addend = Math.fround(delta);
  const isGreen = (token: number): boolean => textsealUniform(hash.hash(token)) < limit;
  const score = (token: number): number => (isGreen(token) ? 1 : 0);
  return defineScheme(
    {
      ...facts(ngram),
      name,
      nullLaw: { family: "bernoulli", p: green / HASH_VALUES, weights: [1] },
      unit: "ngram",
      selects: false,
      needsSampling: false,
      components: 1,
    },
    {
      seed: hash.load,
      score,
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit: (token, units, at) => unitOf(hash, token, units, at),
      mark(logits, { candidates }) {
        for (let i = 0; i < logits.length; i++) {
          if (isGreen(candidates === undefined ? i : candidates[i]!)) logits[i]! += addend;
        }
      },
    },
  );
}

/** What a hash sees of a window and a token, folded into two words. */
function unitOf(hash: TextsealHash, token: number, units: Uint32Array, at: number): void {
  hash.identity(units, at);
  units[at] = units[at]! ^ Math.imul(token, 0x9e3779b1);
}

/** TextSeal's gumbelmax: argmax r^(1/p), written as logit − ln(−ln r). */
export function textsealGumbelScheme(name: string, key: bigint, ngram: number): WatermarkScheme {
  const hash = textsealHash(key);
  const score = (token: number): number => textsealScore(hash.hash(token));
  return defineScheme(
    { ...facts(ngram), name, nullLaw: scoreLaw(), unit: "ngram", selects: true, needsSampling: true, components: 1 },
    {
      seed: hash.load,
      score,
      parts(token, out, at) {
        out[at] = score(token);
      },
      unit: (token, units, at) => unitOf(hash, token, units, at),
      mark: (logits, { candidates }) => selectWinner(hash, logits, candidates),
    },
  );
}

/** Both keys and key A's share. */
export interface TextsealKeys {
  readonly a: bigint;
  readonly b: bigint;
  readonly alpha: number;
}

/** TextSeal v0.2's two keys: a private draw takes A with probability α; the evidence is α·A + (1 − α)·B. */
export function textsealDualScheme(name: string, { a, b, alpha }: TextsealKeys, ngram: number): WatermarkScheme {
  const [hashA, hashB] = [textsealHash(a), textsealHash(b)];
  return defineScheme(
    {
      ...facts(ngram),
      name,
      // Each of the 8,191 values stands at the low end of its share of Exp(1), so the continuous law dominates: p is never too small but for
      // float32's rounding, 1.2e-4 of p at most for a single token; over a text the lattice's lower mean (6.6e-4 a token) outweighs it.
      nullLaw: { family: "exponential", weights: [alpha, 1 - alpha] },
      unit: "ngram",
      selects: true,
      needsSampling: true,
      components: 2,
    },
    {
      seed(tokens, from, count) {
        hashA.load(tokens, from, count);
        hashB.load(tokens, from, count);
      },
      score: (token) => alpha * textsealScore32(hashA.hash(token)) + (1 - alpha) * textsealScore32(hashB.hash(token)),
      parts(token, out, at) {
        out[at] = textsealScore32(hashA.hash(token));
        out[at + 1] = textsealScore32(hashB.hash(token));
      },
      unit: (token, units, at) => unitOf(hashA, token, units, at),
      mark(logits, { candidates, random }) {
        if (random === undefined) {
          throw new TokenmarkError(
            "no-random",
            "random: textseal draws its key privately and wanted a function random(), got none",
          );
        }
        selectWinner(random() < alpha ? hashA : hashB, logits, candidates);
      },
    },
  );
}

/** argmax ln(r + 1e-30)/p, the same order as logit − ln(−ln(r + 1e-30)). */
function selectWinner(hash: TextsealHash, logits: Float32Array, candidates: TokenSequence | undefined): void {
  let [winner, best] = [-1, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] === Number.NEGATIVE_INFINITY) continue;
    const r = textsealUniform(hash.hash(candidates === undefined ? i : candidates[i]!));
    const value = logits[i]! - Math.log(-Math.log(r + 1e-30));
    if (value > best || winner < 0) [winner, best] = [i, value];
  }
  logits.fill(Number.NEGATIVE_INFINITY);
  logits[winner] = 0;
}
