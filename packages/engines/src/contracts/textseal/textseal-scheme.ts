import { defineScheme, type NullLaw, TokenmarkError, type TokenSequence, type WatermarkScheme } from "@tokenmark/core";
import { textsealFacts, unitOf } from "./textseal-facts.ts";
import {
  HASH_VALUES,
  type TextsealHash,
  textsealHash,
  textsealScore,
  textsealScore32,
  textsealUniform,
} from "./textseal-hash.ts";

/** The law of −ln(1 − r) over the hash's 8,191 values. */
export function scoreLaw(): NullLaw {
  return {
    family: "lattice",
    values: Float64Array.from({ length: HASH_VALUES }, (_, hash) => textsealScore(hash)),
    probabilities: new Float64Array(HASH_VALUES).fill(1 / HASH_VALUES),
  };
}

/** TextSeal's gumbelmax: argmax r^(1/p), written as logit − ln(−ln r). */
export function textsealGumbelScheme(name: string, key: bigint, ngram: number): WatermarkScheme {
  const hash = textsealHash(key);
  const score = (token: number): number => textsealScore(hash.hash(token));
  return defineScheme(
    { ...textsealFacts(ngram), name, nullLaw: scoreLaw(), selects: true, needsSampling: true, components: 1 },
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
      ...textsealFacts(ngram),
      name,
      // Each of the 8,191 values stands at the low end of its share of Exp(1), so the continuous law dominates: p is never too small but for
      // float32's rounding, 1.2e-4 of p at most for a single token; over a text the lattice's lower mean (6.6e-4 a token) outweighs it.
      nullLaw: { family: "exponential", weights: [alpha, 1 - alpha] },
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
