import { defineContract, type EngineContract } from "../../contract.ts";
import { choiceField, integerField } from "../../field.ts";
import { detectGumbel, detectLayers, layerBits, scoredHashes } from "./textseal-detectors.ts";
import {
  gammaField,
  ngramTraps,
  SINGLE_FAULTS,
  singleDescription,
  singleParameters,
  TEXTSEAL_FACTS,
} from "./textseal-fields.ts";
import { textsealLayersScheme } from "./textseal-layers.ts";
import { textsealGumbelScheme } from "./textseal-scheme.ts";

/** TextSeal's gumbelmax. */
export const textsealGumbel: EngineContract = defineContract({
  ...singleDescription,
  id: "textseal-gumbelmax/v0.1",
  algorithm: "gumbelmax",
  parameters: singleParameters,
  securityFacts: TEXTSEAL_FACTS,
  create: (given, { key }) => textsealGumbelScheme("textseal-gumbelmax/v0.1", BigInt(key), given.ngram),
  engineReading(given, { key }, { tokens }) {
    const { n, score32, p } = detectGumbel(scoredHashes(BigInt(key), given.ngram, given.scoring_method, tokens));
    return {
      tokensScored: n,
      statisticName: "sum of −ln(1 − r)",
      statistic: score32,
      pValue: p,
      marked: null,
      faults: [
        ...SINGLE_FAULTS,
        "The Gamma tail is of a continuous law; the hash has 8,191 values with mean .99934 and none above 9.011.",
      ],
    };
  },
  traps: (given, { key }) =>
    ngramTraps(given.ngram, (ngram) => textsealGumbelScheme("textseal-gumbelmax/v0.1", BigInt(key), ngram)),
});

const STRIDES = { "v0.1": 1, "v0.2": 659_101 } as const;
type Version = keyof typeof STRIDES;

/** TextSeal's SynthID, in two versions that do not read each other. */
export const textsealSynthid: EngineContract = defineContract({
  ...singleDescription,
  id: "textseal-synthid/v0.1",
  algorithm: "synthid",
  parameters: {
    ...singleParameters,
    depth: integerField(1, 32, { about: "tournament layers", fallback: 30 }),
    gamma: gammaField,
    version: choiceField<Version>(["v0.1", "v0.2"], {
      about: "the package's version: layer d asks for the token t + d in v0.1, t + 659101·d in v0.2",
      fallback: "v0.1",
    }),
  },
  securityFacts: [
    ...TEXTSEAL_FACTS,
    "No valid p-value is known for this mark: its flags depend on each other. Only decoy keys can calibrate it, so none is printed.",
    "In v0.1 neighbouring tokens share layers, g(t, d + 1) = g(t + 1, d), so candidates do not compete independently.",
  ],
  create: (given, { key }) => textsealLayersScheme("textseal-synthid/v0.1", layersOf(given, key)),
  engineReading(given, { key }, { tokens }) {
    const layers = { depth: given.depth, stride: STRIDES[given.version], gamma: given.gamma };
    const bits = layerBits(BigInt(key), given.ngram, given.scoring_method, tokens, layers);
    const { n, score, p } = detectLayers(bits, given.gamma, false);
    return {
      tokensScored: n,
      statisticName: "ones over all layers",
      statistic: score,
      pValue: p,
      marked: null,
      faults: [
        ...SINGLE_FAULTS,
        "The p is a mid-p of independent flags, which they are not: the layers of a token are one weak hash of neighbouring numbers.",
      ],
    };
  },
  // Without a law nothing can be diagnosed; the traps are kept for those who bring decoy keys.
  traps(given, { key }) {
    const other: Version = given.version === "v0.1" ? "v0.2" : "v0.1";
    return [
      {
        code: "textseal-version-stride",
        advice: `The text is of ${other}, whose layers ask for other tokens: set version.`,
        actual: { version: other },
        scheme: textsealLayersScheme("textseal-synthid/v0.1", layersOf({ ...given, version: other }, key)),
      },
      ...ngramTraps(given.ngram, (ngram) =>
        textsealLayersScheme("textseal-synthid/v0.1", layersOf({ ...given, ngram }, key)),
      ),
    ];
  },
});

function layersOf(
  given: { readonly ngram: number; readonly depth: number; readonly gamma: number; readonly version: Version },
  key: string,
): Parameters<typeof textsealLayersScheme>[1] {
  const { ngram, depth, gamma, version } = given;
  return { key: BigInt(key), ngram, depth, stride: STRIDES[version], gamma };
}
