import { type AnySchemeConfig, parseSchemeConfig, TokenmarkError } from "@tokenmark/core";
import { engineRegistry } from "@tokenmark/engines";
import type { Attack } from "../attacks/attack.ts";
import { findAttack } from "../attacks/find-attack.ts";
import type { ModelSpec } from "../models/open-model.ts";
import type { SamplingSettings } from "../models/text-model.ts";
import { withVocabulary } from "./with-vocabulary.ts";

/** A scheme of the suite. `vocab_size` of engines' marks is the model's where it is left out. */
export interface SchemeSpec {
  /** Short and unique: it names files and rows. */
  readonly label: string;
  readonly config: AnySchemeConfig;
}

/** An attack with the strengths to try. */
export interface AttackSpec {
  readonly attack: string;
  readonly strengths: readonly number[];
}

/** Everything that decides what a run measures: models × schemes × lengths × attacks × seeds. */
export interface SurvivalConfig {
  /** Names the suite in its results. */
  readonly name: string;
  readonly models: readonly ModelSpec[];
  /** The second model, for perplexity; null: none. */
  readonly judge: ModelSpec | null;
  /** "bundled", or a JSONL file with a `prompt` field a line. */
  readonly prompts: string;
  readonly sampling: SamplingSettings;
  readonly schemes: readonly SchemeSpec[];
  /** Tokens of a text before the attack; each text is written at the greatest length and cut for the others. */
  readonly lengths: readonly number[];
  readonly attacks: readonly AttackSpec[];
  readonly seeds: readonly string[];
  /** Marked texts a cell, each under a key of its own. */
  readonly texts: number;
  /** Keys that each unmarked and each wrongly keyed text of a cell is tested with. */
  readonly controlKeys: number;
  /** Answers to one prompt under one key, for self-BLEU: so many prompts, so many answers. */
  readonly diversity: { readonly prompts: number; readonly answers: number; readonly tokens: number };
  /** Contexts and keys a context of the distribution proof. */
  readonly distribution: {
    readonly contexts: number;
    readonly keys: number;
    /** Labels of the schemes to test. */
    readonly schemes: readonly string[];
  };
  readonly adversaries: {
    /** Marked tokens that a thief has collected; empty: no thief. */
    readonly tokensSeen: readonly number[];
    /** Tokens that an outsider asks the suspect for, who compares every answer with every other; empty: no outsider. */
    readonly tokensAsked: readonly number[];
    /** Labels of the schemes to attack. */
    readonly schemes: readonly string[];
    /** Forgeries and washed texts a point. */
    readonly texts: number;
    /** Presence tests a point. */
    readonly tries: number;
  };
}

function refuse(what: string, wanted: string, got: unknown): never {
  throw new TokenmarkError("bad-config", `${what}: wanted ${wanted}, got ${JSON.stringify(got) ?? String(got)}`);
}

function checkCount(what: string, value: unknown, least: number): void {
  if (!Number.isInteger(value) || (value as number) < least) refuse(what, `an integer of at least ${least}`, value);
}

function checkUnique(what: string, values: readonly unknown[]): void {
  if (new Set(values).size !== values.length) refuse(what, "each once", values);
}

/**
 * Refuses a config that cannot run, before anything is computed: unknown schemes and attacks with the list of names.
 *
 * @throws TokenmarkError `bad-config`, `bad-argument`, `unknown-contract`.
 */
export function checkSurvivalConfig(config: SurvivalConfig, attacks: readonly Attack[]): void {
  const { models, schemes, lengths, seeds, texts, controlKeys, diversity, distribution, adversaries } = config;
  if (models.length === 0) refuse("models", "at least one", models);
  if (schemes.length === 0) refuse("schemes", "at least one", schemes);
  if (lengths.length === 0) refuse("lengths", "at least one", lengths);
  if (seeds.length === 0) refuse("seeds", "at least one", seeds);
  for (const length of lengths) checkCount("lengths", length, 8);
  checkUnique("lengths", lengths);
  checkUnique("seeds", seeds);
  checkUnique(
    "schemes",
    schemes.map(({ label }) => label),
  );
  for (const { label, config: scheme } of schemes) {
    if (!/^[a-z0-9][a-z0-9 .=,_-]*$/i.test(label) || label === "unmarked") {
      refuse("scheme label", 'letters, digits, spaces and .=,_- (not "unmarked", which is always there)', label);
    }
    // Any vocabulary will do for a check: the model's is not known yet.
    parseSchemeConfig(withVocabulary(scheme, 2 ** 14), { registry: engineRegistry });
  }
  for (const { attack, strengths } of config.attacks) {
    findAttack(attack, attacks);
    for (const strength of strengths) {
      if (!(strength >= 0 && strength <= 1)) refuse(`strength of ${attack}`, "a number from 0 to 1", strength);
    }
    checkUnique(`strengths of ${attack}`, strengths);
  }
  checkUnique(
    "attacks",
    config.attacks.map(({ attack }) => attack),
  );
  checkCount("texts", texts, 1);
  checkCount("controlKeys", controlKeys, 1);
  checkCount("diversity.prompts", diversity.prompts, 1);
  checkCount("diversity.answers", diversity.answers, 2);
  checkCount("diversity.tokens", diversity.tokens, 8);
  checkCount("distribution.contexts", distribution.contexts, 0);
  checkCount("distribution.keys", distribution.keys, 100);
  const labels = schemes.map(({ label }) => label);
  for (const [what, named] of Object.entries({ adversaries, distribution })) {
    for (const label of named.schemes) {
      if (!labels.includes(label)) refuse(`${what}.schemes`, `labels among ${labels.join(", ")}`, label);
    }
  }
}
