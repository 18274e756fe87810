import type { AnySchemeConfig } from "@tokenmark/core";
import type { ModelSpec } from "../models/open-model.ts";
import type { SamplingSettings } from "../models/text-model.ts";

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
  /** Contexts and keys of the distribution proof, which every scheme that claims `distortionFree` goes through. */
  readonly distribution: {
    /** 0: no proof. */
    readonly contexts: number;
    readonly keys: number;
    /** Labels of schemes that distort, to show that the test can tell. */
    readonly biased: readonly string[];
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
