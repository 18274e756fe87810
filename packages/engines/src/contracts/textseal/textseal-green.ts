import { defineContract, type EngineContract, type EngineReading } from "../../contract.ts";
import { numberField } from "../../field.ts";
import type { ScoringMethod } from "./scored-positions.ts";
import { detectGreen, scoredHashes } from "./textseal-detectors.ts";
import {
  gammaField,
  ngramTraps,
  SINGLE_FAULTS,
  singleDescription,
  singleParameters,
  TEXTSEAL_FACTS,
} from "./textseal-fields.ts";
import { type GreenMarking, textsealGreenScheme } from "./textseal-green-scheme.ts";

/** What every reading of a green mark needs. */
interface GreenGiven {
  readonly ngram: number;
  readonly scoring_method: ScoringMethod;
  readonly gamma: number;
}

/** All that three generators share, since one detector reads them. */
function readBy<G extends GreenGiven>(id: string, markingOf: (given: G) => GreenMarking) {
  const scheme = (given: G, key: string, ngram: number) =>
    textsealGreenScheme(id, { key: BigInt(key), ngram, gamma: given.gamma, marking: markingOf(given) });
  return {
    create: (given: G, { key }: { readonly key: string }) => scheme(given, key, given.ngram),
    engineReading(
      given: G,
      { key }: { readonly key: string },
      { tokens }: { readonly tokens: ArrayLike<number> },
    ): EngineReading {
      const hashes = scoredHashes(BigInt(key), given.ngram, given.scoring_method, tokens);
      const { n, score, p } = detectGreen(hashes, given.gamma);
      return {
        tokensScored: n,
        statisticName: "green tokens",
        statistic: score,
        pValue: p,
        marked: null,
        faults: [
          ...SINGLE_FAULTS,
          "The p is a mid-p: half the point mass is taken off, so that it is not valid at every level, and γ is taken as configured, not as the hash has it.",
        ],
      };
    },
    traps: (given: G, { key }: { readonly key: string }) =>
      ngramTraps(given.ngram, (ngram) => scheme(given, key, ngram)),
  };
}

const GREENLIST = "textseal-greenlist/v0.1";

/** TextSeal's green list, `watermark_type` greenlist. */
export const textsealGreen: EngineContract = defineContract({
  ...singleDescription,
  id: GREENLIST,
  algorithm: "greenlist",
  parameters: {
    ...singleParameters,
    gamma: gammaField,
    delta: numberField(0, 100, { about: "bias added to green logits, in nats", fallback: 2 }),
  },
  securityFacts: TEXTSEAL_FACTS,
  ...readBy(GREENLIST, ({ delta }: GreenGiven & { readonly delta: number }) => ({ kind: "bias", delta })),
});

const MORPHMARK = "textseal-morphmark/v0.1";

/** TextSeal's MorphMark, `watermark_type` morphmark: the green list's reading, a strength that follows the green mass. */
export const textsealMorphmark: EngineContract = defineContract({
  ...singleDescription,
  id: MORPHMARK,
  algorithm: "morphmark",
  parameters: {
    ...singleParameters,
    gamma: gammaField,
    k_morphmark: numberField(0, 100, {
      about: "strength a unit of green mass; only the generator uses it",
      fallback: 1.3,
    }),
    p_0: numberField(0, 1, {
      about: "green mass up to which next to nothing is done; only the generator uses it",
      fallback: 0.15,
    }),
  },
  securityFacts: TEXTSEAL_FACTS,
  ...readBy(MORPHMARK, (given: GreenGiven & { readonly k_morphmark: number; readonly p_0: number }) => ({
    kind: "green-mass",
    k: given.k_morphmark,
    threshold: given.p_0,
  })),
});

const DIPMARK = "textseal-dipmark/v0.1";

/** TextSeal's DiPmark, `watermark_type` dipmark: the green list's reading, and no generator, for its permutation is not fixed. */
export const textsealDipmark: EngineContract = defineContract({
  ...singleDescription,
  id: DIPMARK,
  algorithm: "dipmark",
  parameters: {
    ...singleParameters,
    gamma: gammaField,
    alpha: numberField(0, 1, { about: "mass that goes at the red end; only the generator uses it", fallback: 0.2 }),
  },
  securityFacts: [
    ...TEXTSEAL_FACTS,
    "This mark can be read here but not written: TextSeal orders tokens by a hash of 8,191 values with a sort that leaves ties in any order.",
  ],
  ...readBy(DIPMARK, (_: GreenGiven & { readonly alpha: number }) => ({
    kind: "read-only",
    why: "TextSeal permutes tokens by 8,191 hash values with a sort that is not stable, so that ties have no order to repeat",
  })),
});
