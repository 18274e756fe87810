import { type AnySchemeConfig, parseSchemeConfig } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import { z } from "zod";
import type { Attack } from "../attacks/attack.ts";
import { findAttack } from "../attacks/find-attack.ts";
import { checkShape, checkUnique, count, each, fields, refuse, SOME, text, within } from "./config-shapes.ts";
import type { SurvivalConfig } from "./survival-config.ts";
import { withVocabulary } from "./with-vocabulary.ts";

const model = z.discriminatedUnion(
  "kind",
  [
    fields({ kind: z.literal("shipped") }),
    fields({ kind: z.literal("shipped-judge") }),
    fields({ kind: z.literal("transformers"), model: text, dtype: text.optional() }),
    fields({
      kind: z.literal("server"),
      baseURL: text,
      tokenizer: text,
      api: text.optional(),
      model: text.optional(),
      topLogprobs: count(1).optional(),
    }),
    fields({ kind: z.literal("own"), name: text, open: z.custom((open) => typeof open === "function", "a function") }),
  ],
  "a model: an object whose kind is shipped, shipped-judge, transformers, server or own",
);

const label = z
  .string("a label")
  .regex(/^[a-z0-9][a-z0-9 .=,_-]*$/i, "letters, digits, spaces and .=,_-")
  .refine((name) => name !== "unmarked", 'another label than "unmarked", which is always there');

const config = fields({
  name: text,
  models: z.array(model, "a list").min(1, SOME),
  judge: model.nullable(),
  prompts: text,
  sampling: fields({
    temperature: z.number("a number above 0").positive("a number above 0"),
    topK: count(0),
    topP: z
      .number("a number above 0, at most 1")
      .gt(0, "a number above 0, at most 1")
      .max(1, "a number above 0, at most 1"),
  }),
  schemes: z
    .array(fields({ label, config: z.looseObject({ scheme: text }, "an object with a scheme") }), "a list")
    .min(1, SOME),
  lengths: each(count(8)).min(1, SOME),
  attacks: z.array(fields({ attack: text, strengths: each(within(0, 1)).min(1, SOME) }), "a list"),
  seeds: each(text).min(1, SOME),
  texts: count(1),
  controlKeys: count(1),
  diversity: fields({ prompts: count(1), answers: count(2), tokens: count(8) }),
  distribution: fields({ contexts: count(0), keys: count(100), biased: each(text) }),
  adversaries: fields({
    tokensSeen: each(count(1)),
    tokensAsked: each(count(8)),
    schemes: each(text),
    texts: count(1),
    tries: count(1),
  }),
});

/**
 * Refuses a config that cannot run, before anything is computed: what has not the shape of one, unknown schemes and attacks with the list of
 * names, and what would count a text twice.
 *
 * @throws TokenmarkError `bad-config`, `bad-argument`, `unknown-contract`.
 */
export function checkSurvivalConfig(value: SurvivalConfig, attacks: readonly Attack[]): void {
  checkShape(config, value);
  const { models, schemes, distribution, adversaries } = value;
  // Two of one name would be pooled as one model with twice the texts.
  checkUnique(
    "models",
    models.map((spec) => JSON.stringify(spec)),
  );
  checkUnique(
    "schemes",
    schemes.map(({ label: name }) => name),
  );
  // Any vocabulary will do for a check: the model's is not known yet.
  for (const { config: scheme } of schemes) checkScheme(withVocabulary(scheme, 2 ** 14));
  for (const { attack } of value.attacks) findAttack(attack, attacks);
  checkUnique(
    "attacks",
    value.attacks.map(({ attack }) => attack),
  );
  const labels = schemes.map(({ label: name }) => name);
  const named = { "adversaries.schemes": adversaries.schemes, "distribution.biased": distribution.biased };
  for (const [what, names] of Object.entries(named)) {
    for (const name of names) {
      if (!labels.includes(name)) refuse(what, `labels among ${labels.join(", ")}`, name);
    }
  }
}

const checkScheme = (scheme: AnySchemeConfig) => parseSchemeConfig(scheme, { registry: engineRegistry });
