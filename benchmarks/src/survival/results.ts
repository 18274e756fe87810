import type { AnySchemeConfig } from "@tokenmark/core";

/** Rates that true positives are counted at. */
export const FALSE_POSITIVE_RATES = [1e-2, 1e-3, 1e-6] as const;

/** What one cell of the suite is about. */
export interface CellId {
  readonly model: string;
  /** The scheme's label in the config. */
  readonly scheme: string;
  /** "none" for the texts as they were written. */
  readonly attack: string;
  readonly strength: number;
  /** Tokens of the texts before the attack. */
  readonly length: number;
  readonly seed: string;
}

/** How often a test came out at or below each of {@link FALSE_POSITIVE_RATES}. */
export interface TailCounts {
  readonly tests: number;
  /** One count a rate, in the order of {@link FALSE_POSITIVE_RATES}. */
  readonly atOrBelow: readonly number[];
}

/** What an attack did to the texts; means over the texts. */
export interface Change {
  /** Words inserted, deleted or replaced, over the larger number of words: 0 for the same text, at most 1. */
  readonly editDistance: number;
  /** Share of the original's distinct token n-grams that are still there; item n − 1 for n = 1 … 5. */
  readonly ngramSurvival: readonly number[];
}

/** Marked texts of one scheme and length after one attack, tested with their keys, beside the controls that went through the same. */
export interface MeasuredCell extends CellId {
  readonly status: "measured";
  /** log10 p of each marked text under its own key. */
  readonly log10PValues: readonly number[];
  readonly tokensScored: readonly number[];
  /** log10 p of each unmarked text after the same attack, under one key each. */
  readonly nullLog10PValues: readonly number[];
  readonly change: Change;
  /** Unmarked texts after the same attack, under many keys each. */
  readonly unmarked: TailCounts;
  /** The marked texts after the attack, under many wrong keys each. */
  readonly wrongKey: TailCounts;
}

/** A cell that could not be measured: shown with its reason, never dropped. */
export interface MissingCell extends CellId {
  /** `skipped`: something is not installed or named. `failed`: it threw. */
  readonly status: "skipped" | "failed";
  readonly reason: string;
}

export type Cell = MeasuredCell | MissingCell;

/** A mean over texts with a 95 % bootstrap interval. */
export interface MeanWithInterval {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** What the mark costs the text: one model, scheme and seed, at the greatest length. */
export interface QualityRow {
  readonly model: string;
  readonly scheme: string;
  readonly seed: string;
  readonly texts: number;
  /** exp of the mean nats a token under the model that wrote it; null if it cannot be read. */
  readonly ownPerplexity: MeanWithInterval | null;
  /** Bits a UTF-8 byte under the second model, whose tokenizer may be another; null without one. */
  readonly judgeBitsPerByte: MeanWithInterval | null;
  /** exp of the mean nats a token of the second model's own tokenizer. */
  readonly judgePerplexity: MeanWithInterval | null;
  /** Distinct n-grams of tokens over all n-grams of a text, n = 1, 2, 3. */
  readonly distinct: readonly MeanWithInterval[];
  /** Of several answers to one prompt under one key, 4-gram BLEU of each against the others (0 to 1). */
  readonly selfBleu: MeanWithInterval;
  /** Share of texts that fall into a loop. */
  readonly loopRate: { readonly count: number; readonly texts: number };
}

/** Whether next tokens, over many keys, follow the model's own law: chi-square over contexts. */
export interface DistributionRow {
  readonly model: string;
  readonly scheme: string;
  readonly claimsDistortionFree: boolean;
  /** Contexts that were tested. */
  readonly contexts: number;
  /** Keys, and so draws, a context. */
  readonly keys: number;
  /** Smallest p over the contexts, corrected for their number by Holm's method. */
  readonly smallestHolmPValue: number;
  /** Contexts that Holm's method rejects at .01. */
  readonly rejected: number;
}

/** One point of an adversary's curve: after it saw so many marked tokens. */
export interface StealingPoint {
  readonly adversary: "stealing";
  readonly model: string;
  readonly scheme: string;
  readonly seed: string;
  readonly tokensSeen: number;
  /** Texts that the thief wrote, or washed. */
  readonly texts: number;
  /** Forgeries that succeed: p ≤ 1e-3 at a perplexity of at most 1.5 times that of unmarked text. */
  readonly spoofed: number;
  /** Forgeries with p ≤ 1e-3, whatever their perplexity. */
  readonly spoofedAnyQuality: number;
  readonly medianSpoofLog10PValue: number;
  /** Median perplexity of forgeries over that of unmarked text, under the model that wrote neither where there is one. */
  readonly perplexityRatio: number;
  /** Marked texts still found at 1e-3 after washing, and before. */
  readonly foundAfterScrub: number;
  readonly foundBeforeScrub: number;
  /** Edit distance of the wash. */
  readonly scrubEditDistance: number;
}

/** One point of an outsider's curve: whether it can tell, without the key, that there is a mark. */
export interface PresencePoint {
  readonly adversary: "presence";
  readonly model: string;
  readonly scheme: string;
  readonly seed: string;
  readonly tokensSeen: number;
  /** Independent tries, a key each. */
  readonly tries: number;
  /** Tries with p ≤ .01. */
  readonly suspected: number;
  readonly medianLog10PValue: number;
}

/** An adversary that could not be measured. */
export interface MissingAdversary {
  readonly adversary: "stealing" | "presence";
  readonly model: string;
  readonly scheme: string;
  readonly seed: string;
  readonly tokensSeen: number;
  readonly status: "failed" | "skipped";
  readonly reason: string;
}

export type AdversaryPoint = StealingPoint | PresencePoint | MissingAdversary;

/** A figure of quality or distribution that could not be measured: it threw. */
export interface Failure {
  readonly part: "quality" | "distribution";
  readonly model: string;
  readonly scheme: string;
  readonly seed: string;
  readonly reason: string;
}

/** An attack as the suite ran it. */
export interface AttackFacts {
  readonly name: string;
  readonly summary: string;
  readonly strengthMeans: string;
  /** The program or model that it works with, and its version; null: nothing but this package. */
  readonly tool: string | null;
}

/** A scheme as the suite ran it. */
export interface SchemeFacts {
  readonly label: string;
  /** Null for unmarked text. */
  readonly config: AnySchemeConfig | null;
  readonly distortionFree: boolean;
  /** The engine's contract whose mark it is; null for ours. */
  readonly engine: string | null;
}

/** A model as the suite ran it. */
export interface ModelFacts {
  readonly name: string;
  readonly tokenizerSha256: string;
  readonly vocabularySize: number;
  readonly judge: string | null;
}

/** Everything that one run measured: a report is made from this alone. */
export interface SurvivalResults {
  readonly benchmark: "survival";
  /** Raised when fields change meaning. */
  readonly format: 1;
  readonly suite: string;
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: string;
  readonly settings: {
    readonly temperature: number;
    readonly topK: number;
    readonly topP: number;
    readonly texts: number;
    readonly lengths: readonly number[];
    readonly seeds: readonly string[];
    readonly promptSet: { readonly name: string; readonly sha256: string; readonly count: number };
  };
  readonly models: readonly ModelFacts[];
  readonly schemes: readonly SchemeFacts[];
  readonly attacks: readonly AttackFacts[];
  readonly cells: readonly Cell[];
  readonly quality: readonly QualityRow[];
  readonly distribution: readonly DistributionRow[];
  readonly adversaries: readonly AdversaryPoint[];
  readonly failures: readonly Failure[];
}
