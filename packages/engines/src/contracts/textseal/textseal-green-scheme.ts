import { defineScheme, TokenmarkError, type WatermarkScheme } from "@tokenmark/core";
import { type MorphmarkSetting, markByGreenMass } from "./morphmark.ts";
import { textsealFacts, unitOf } from "./textseal-facts.ts";
import { greenHashes, HASH_VALUES, textsealHash, textsealUniform } from "./textseal-hash.ts";

/** How a generator favours green tokens. All three leave the same evidence: more green tokens than γ. */
export type GreenMarking =
  /** δ nats on green logits, after truncation. */
  | { readonly kind: "bias"; readonly delta: number }
  /** MorphMark, before truncation. */
  | ({ readonly kind: "green-mass" } & MorphmarkSetting)
  /** A marking that cannot be repeated, and why. */
  | { readonly kind: "read-only"; readonly why: string };

/** What a green mark of TextSeal depends on. */
export interface GreenSetting {
  readonly key: bigint;
  readonly ngram: number;
  readonly gamma: number;
  readonly marking: GreenMarking;
}

/**
 * A green mark of TextSeal: a token is green if its hash is among the lowest, r < γ in float32.
 *
 * `process` throws TokenmarkError `read-only` where the marking cannot be repeated.
 */
export function textsealGreenScheme(name: string, { key, ngram, gamma, marking }: GreenSetting): WatermarkScheme {
  const hash = textsealHash(key);
  const limit = Math.fround(gamma);
  const score = (token: number): number => (textsealUniform(hash.hash(token)) < limit ? 1 : 0);
  const rewrite = rewriterOf(name, marking);
  let green = new Uint8Array(0);
  const scheme = defineScheme(
    {
      ...textsealFacts(ngram),
      name,
      nullLaw: { family: "bernoulli", p: greenHashes(gamma) / HASH_VALUES, weights: [1] },
      stage: marking.kind === "green-mass" ? "before-truncation" : "after-truncation",
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
      mark(logits, { candidates }, best) {
        if (green.length < logits.length) green = new Uint8Array(logits.length);
        for (let i = 0; i < logits.length; i++) green[i] = score(candidates === undefined ? i : candidates[i]!);
        rewrite(logits, green, logits[best]!);
      },
    },
  );
  if (marking.kind !== "read-only") return scheme;
  // Refused whatever the context: a generator must not get away with leaving short ones unmarked.
  return Object.freeze({ ...scheme, process: (): never => refuse(name, marking.why) });
}

function refuse(name: string, why: string): never {
  throw new TokenmarkError(
    "read-only",
    `${name}: wanted a mark that can be written, got one that can only be read: ${why}`,
  );
}

type Rewriter = (logits: Float32Array, green: Uint8Array, max: number) => void;

function rewriterOf(name: string, marking: GreenMarking): Rewriter {
  switch (marking.kind) {
    case "bias": {
      const addend = Math.fround(marking.delta);
      return (logits, green) => {
        for (let i = 0; i < logits.length; i++) if (green[i] === 1) logits[i]! += addend;
      };
    }
    case "green-mass":
      return (logits, green, max) => markByGreenMass(logits, green, max, marking);
    case "read-only":
      return () => refuse(name, marking.why);
    default:
      return marking satisfies never;
  }
}
