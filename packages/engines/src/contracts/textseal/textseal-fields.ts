import type { Trap, WatermarkScheme } from "@tokenmark/core";
import type { ContractDefinition } from "../../contract.ts";
import { choiceField, type Field, type Fields, integer64Field, integerField, numberField } from "../../field.ts";
import { SCORING_METHODS, type ScoringMethod } from "./scored-positions.ts";
import { MOST_NGRAM } from "./textseal-hash.ts";

/** A signed 64-bit key. */
export const keyField = (about: string): Field<string> =>
  integer64Field(-(2n ** 63n), 2n ** 63n - 1n, { about: `${about}, a signed 64-bit integer` });

/** Preceding ids that seed; the hash has a prime for ten. */
export const ngramField: Field<number> = integerField(1, MOST_NGRAM, {
  about: "preceding ids that seed, 1 to 10",
  fallback: 1,
});

/** What the engine's detector drops as repeated. */
export const methodField: Field<ScoringMethod> = choiceField(SCORING_METHODS, {
  about: "what the engine's detector drops as repeated: windows (v1), windows with their token (v2), none",
  fallback: "v2",
});

/** Share of green hashes. */
export const gammaField: Field<number> = numberField(0, 1, {
  about: "green share, in (0, 1)",
  fallback: 0.5,
  open: true,
});

/** What every deployer of a TextSeal mark must tell. */
export const TEXTSEAL_TOLD: readonly string[] = Object.freeze([
  "The package's version, watermark_type, keys, ngram and scoring method.",
  "The tokenizer and its revision, and the entropy model of the detector or that there is none.",
]);

/** What everybody must know of a TextSeal mark. */
export const TEXTSEAL_FACTS: readonly string[] = Object.freeze([
  "The hash has 13 bits. For an ngram of 3 or more, windows such as (a, b, c) and (a − 16, b + 35, c − 19) agree for every token and every key; they count once here.",
  "No generator of TextSeal leaves repeated contexts unmarked, so a repeated context draws the same again and the text is bent.",
]);

/** Faults of the detectors that score one key. */
export const SINGLE_FAULTS: readonly string[] = Object.freeze([
  "Scoring begins one token later than it could, and repeats are dropped only if the caller passes a set.",
]);

/** Parameters of every mark of one key. */
export const singleParameters: { readonly ngram: Field<number>; readonly scoring_method: Field<ScoringMethod> } =
  Object.freeze({ ngram: ngramField, scoring_method: methodField });

/** What all marks of one key have in common. */
export const singleDescription: Pick<
  ContractDefinition<Fields, { readonly key: Field<string> }>,
  "engine" | "state" | "source" | "secrets" | "mustBeTold"
> = Object.freeze({
  engine: "TextSeal",
  state: "research",
  source: "Meta TextSeal v0.1 (December 2025), engine code run; read in 2026",
  secrets: { key: keyField("the key") },
  mustBeTold: TEXTSEAL_TOLD,
});

/** Another width of the window. */
export function ngramTraps(ngram: number, scheme: (ngram: number) => WatermarkScheme): readonly Trap[] {
  return [ngram - 1, ngram + 1, 1, 2, 3, 4]
    .filter((n, i, all) => n >= 1 && n <= MOST_NGRAM && n !== ngram && all.indexOf(n) === i)
    .map((n) => ({
      code: "context-width-mismatch",
      advice: `The window has ${n} ids, not ${ngram}: set ngram.`,
      actual: { ngram: n },
      scheme: scheme(n),
    }));
}
