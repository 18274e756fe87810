import { defineScheme, playTournament, type WatermarkScheme } from "@tokenmark/core";
import { popcount } from "../synthid/popcount.ts";
import { textsealFacts, unitOf } from "./textseal-facts.ts";
import { textsealHash, textsealUniform } from "./textseal-hash.ts";

/** What a SynthID mark of TextSeal depends on. */
export interface LayersSetting {
  readonly key: bigint;
  readonly ngram: number;
  /** Layers, at most 32. */
  readonly depth: number;
  /** 1 in v0.1, 659,101 in v0.2: layer d asks for the token t + stride · d. */
  readonly stride: number;
  readonly gamma: number;
}

/**
 * TextSeal's SynthID: a tournament whose g-values are the green flags of shifted tokens. In v0.1 neighbours share layers, g(t, d + 1) = g(t + 1, d).
 *
 * The law of the evidence is not known: over fresh keys the number of ones among a token's layers has another variance than independent flags
 * would have (8 standard errors off in 20,000 tokens at depth 10), since all layers are one weak hash of neighbouring numbers. A binomial p-value, as
 * the engine prints it, would claim what does not hold.
 */
export function textsealLayersScheme(name: string, setting: LayersSetting): WatermarkScheme {
  const { key, ngram, depth, stride, gamma } = setting;
  const hash = textsealHash(key);
  const limit = Math.fround(gamma);
  const word = (token: number): number => {
    let bits = 0;
    for (let d = 0; d < depth; d++) if (textsealUniform(hash.hash(token + stride * d)) < limit) bits |= 1 << d;
    return bits;
  };
  let words = new Int32Array(0);
  return defineScheme(
    {
      ...textsealFacts(ngram),
      name,
      nullLaw: {
        family: "unknown",
        why: "TextSeal's layers are one weak hash of neighbouring numbers, so the flags of a token depend on each other",
      },
      selects: false,
      needsSampling: true,
      components: depth,
    },
    {
      seed: hash.load,
      score: (token) => popcount(word(token)),
      parts(token, out, at) {
        const bits = word(token);
        for (let d = 0; d < depth; d++) out[at + d] = (bits >>> d) & 1;
      },
      unit: (token, units, at) => unitOf(hash, token, units, at),
      mark(logits, { candidates }, best) {
        if (words.length < logits.length) words = new Int32Array(logits.length);
        for (let i = 0; i < logits.length; i++) words[i] = word(candidates === undefined ? i : candidates[i]!);
        playTournament(words, logits, best, depth, 2);
      },
    },
  );
}
