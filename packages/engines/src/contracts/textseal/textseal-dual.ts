import { Key, type Trap } from "@tokenmark/core";
import { defineContract, type EngineContract } from "../../contract.ts";
import { nullableField, numberField } from "../../field.ts";
import { detectDual } from "./textseal-detectors.ts";
import { keyField, methodField, ngramField, ngramTraps, TEXTSEAL_FACTS, TEXTSEAL_TOLD } from "./textseal-fields.ts";
import { type TextsealKeys, textsealDualScheme } from "./textseal-scheme.ts";

const ID = "textseal-dual/v0.2";
/** Key B where none is given. */
const OFFSET = 12345n;

interface Secrets {
  readonly key_a: string;
  readonly key_b: string | null;
}

function keysOf({ key_a, key_b }: Secrets, alpha: number): TextsealKeys {
  const a = BigInt(key_a);
  return { a, b: key_b === null ? BigInt.asIntN(64, a + OFFSET) : BigInt(key_b), alpha };
}

function traps(keys: TextsealKeys, ngram: number): readonly Trap[] {
  const shareTrap = (code: string, share: number, advice: string): Trap => ({
    code,
    advice,
    actual: { mixing_alpha: share },
    scheme: textsealDualScheme(ID, { ...keys, alpha: share }, ngram),
  });
  const swapped = Number((1 - keys.alpha).toPrecision(12));
  const offset = BigInt.asIntN(64, keys.a + OFFSET);
  return [
    shareTrap(
      "dual-key-alpha-swapped",
      swapped,
      `mixing_alpha is the share of key A here, of key B in vLLM: ${swapped} fits better.`,
    ),
    ...ngramTraps(ngram, (n) => textsealDualScheme(ID, keys, n)),
    ...(offset === keys.b
      ? []
      : [
          {
            code: "key-b-offset-missing",
            advice: "Key B is key A + 12345 unless the deployer gave one.",
            actual: { key_b: "key A + 12345" },
            scheme: textsealDualScheme(ID, { ...keys, b: offset }, ngram),
            key: Key.fromEngine({ key_a: keys.a.toString(), key_b: offset.toString() }),
          },
        ]),
  ];
}

/** TextSeal v0.2 with two keys. */
export const textsealDual: EngineContract = defineContract({
  id: ID,
  engine: "TextSeal",
  algorithm: "textseal",
  state: "research",
  source: "Meta TextSeal v0.2, scoring loop on the PRF of v0.1; read in 2026",
  parameters: {
    ngram: ngramField,
    mixing_alpha: numberField(0, 1, {
      about: "share of positions that key A decides; in vLLM the share is key B's",
      fallback: 0.5,
    }),
    scoring_method: methodField,
  },
  secrets: {
    key_a: keyField("key A"),
    key_b: nullableField(keyField("key B"), { about: "key B, or null for key A + 12345", fallback: null }),
  },
  mustBeTold: [
    ...TEXTSEAL_TOLD,
    "mixing_alpha, and whether speculation ran: then drafts and bonus tokens use A and resampled ones B.",
  ],
  securityFacts: [...TEXTSEAL_FACTS, "Key B is key A + 12345 unless another is given: whoever has A has B."],
  create: (given, keys) => textsealDualScheme(ID, keysOf(keys, given.mixing_alpha), given.ngram),
  engineReading(given, secrets, { tokens }) {
    const { a, b, alpha } = keysOf(secrets, given.mixing_alpha);
    const setting = { keyA: a, keyB: b, ngram: given.ngram, alpha, method: given.scoring_method };
    const { n, fused, p } = detectDual(setting, tokens, null);
    return {
      tokensScored: n,
      statisticName: "α·sum A + (1 − α)·sum B of −ln(1 − r)",
      statistic: fused,
      pValue: p,
      marked: null,
      faults: [
        "The p of two keys is matched by two moments: too small far out, 8.6 decades at an exact 1e-171.",
        "With an entropy model the smaller of a weighted and an unweighted p is reported without correction.",
        "Localisation clips regions out of the windows that it counted, and tests them by the scores that chose them.",
        "Scoring begins one token later than it could.",
      ],
    };
  },
  traps: (given, keys) => traps(keysOf(keys, given.mixing_alpha), given.ngram),
});
