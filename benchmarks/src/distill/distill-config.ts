import type { AnySchemeConfig } from "@tokenmark/core";
import type { DatasetShape } from "@tokenmark/radioactivity";
import type { RemovalName } from "./removal.ts";

/** The shape and schooling of a student. */
export interface StudentSpec {
  readonly label: string;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly hidden: number;
  /** Passes over its training set. */
  readonly epochs: number;
  /** `scratch`: drawn from its seed. `base`: from a base model of the same shape that read unmarked text first. */
  readonly start: "scratch" | "base";
}

/** A way to mark that is to outlive neutralisation: answers are marked by the parts in turn, each under a key of its own. */
export interface DefenceSpec {
  readonly label: string;
  readonly parts: readonly AnySchemeConfig[];
}

/** The label of answers under no key. */
export const UNMARKED = "unmarked";

/** Everything that decides what a distillation run measures. */
export interface DistillConfig {
  readonly name: string;
  /** Marks of the teacher; widths are part of the config. */
  readonly schemes: readonly { readonly label: string; readonly config: AnySchemeConfig }[];
  /** Marked share of the training set, each in [0, 1]. */
  readonly shares: readonly number[];
  /** Answers in a training set. */
  readonly answers: readonly number[];
  readonly students: readonly StudentSpec[];
  /** "bundled": openings of text by people; or a JSONL file with a field `prompt` a line. */
  readonly prompts: string;
  /** Answers from elsewhere, JSONL files by scheme label or "unmarked": the teacher is not asked for those. Marked ones are under the run's own keys. */
  readonly datasets: Readonly<Record<string, string>>;
  /** In which shape the run's own datasets are written. */
  readonly datasetShape: DatasetShape;
  /** Tokens an answer. */
  readonly answerTokens: number;
  /** Of the teacher, each above 0; removals, defences, tracing and controls take the first. */
  readonly temperatures: readonly number[];
  readonly seeds: readonly string[];
  /** Of training, each on the teacher's answers to what the student before wrote; 1: the first answers alone. */
  readonly rounds: number;
  /** What the copier tries on fully marked answers, with the first size and number of answers. */
  readonly removals: readonly RemovalName[];
  /** Nats that neutralisation takes from a token of learnt score 1, one student each. */
  readonly neutralisers: readonly number[];
  /** Tried against neutralisation at each of those. */
  readonly defences: readonly DefenceSpec[];
  /** Two customers among so many registered keys, named at a family-wise error; null: not tried. */
  readonly tracing: { readonly registered: number; readonly alpha: number } | null;
  /** Clean students a scheme, each audited under a key of its own. */
  readonly cleanControls: number;
  /** Passes of clean students over their samples, shaped as the first of the students: what they test is the null, which needs no long schooling. */
  readonly cleanEpochs: number;
  /** Marked transcripts that a clean control reads. */
  readonly controlTranscripts: number;
  /** Keys that test the tail of open mode; closed modes get a tenth of them. */
  readonly wrongKeys: number;
  /** Answers of the student in closed mode. */
  readonly closedAnswers: number;
  /** At which the student writes them, above 0. */
  readonly closedTemperature: number;
  /** Answers that the base model reads; 0: none is needed. */
  readonly baseAnswers: number;
}
