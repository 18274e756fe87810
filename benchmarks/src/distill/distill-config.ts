import type { AnySchemeConfig } from "@tokenmark/core";
import { type RemovalName, removalNames } from "./removal.ts";

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
  /** Tokens an answer. */
  readonly answerTokens: number;
  readonly temperature: number;
  readonly seeds: readonly string[];
  /** Generations of students, each trained on the answers of the one before; 1: the teacher's alone. */
  readonly rounds: number;
  /** What the copier tries on fully marked answers, with the first size and number of answers. */
  readonly removals: readonly RemovalName[];
  /** Clean students a scheme, each audited under a key of its own. */
  readonly cleanControls: number;
  /** Marked transcripts that a clean control reads. */
  readonly controlTranscripts: number;
  /** Keys that test the tail of open mode; closed modes get a tenth of them. */
  readonly wrongKeys: number;
  /** Answers of the student in closed mode. */
  readonly closedAnswers: number;
  /** Answers that the base model reads; 0: none is needed. */
  readonly baseAnswers: number;
}

const SMALL: StudentSpec = {
  label: "0.9 M",
  layers: 2,
  width: 128,
  heads: 2,
  hidden: 344,
  epochs: 5,
  start: "scratch",
};

const kgw = (contextWidth: number): AnySchemeConfig => ({
  scheme: "kgw",
  gamma: 0.25,
  delta: 2,
  seeding: contextWidth === 1 ? "lefthash" : "minhash",
  contextWidth,
});
const gumbel = (contextWidth: number): AnySchemeConfig => ({ scheme: "gumbel", contextWidth });
const synthid = (contextWidth: number): AnySchemeConfig => ({ scheme: "synthid", depth: 30, leaves: 2, contextWidth });

/** Runs by name. `quick` takes a quarter of an hour on two cores, `full` hours. */
export const distillRuns: Readonly<Record<"quick" | "full", DistillConfig>> = Object.freeze({
  quick: {
    name: "quick",
    schemes: [
      { label: "kgw h=1", config: kgw(1) },
      { label: "kgw h=2", config: kgw(2) },
      { label: "gumbel h=1", config: gumbel(1) },
      { label: "gumbel h=2", config: gumbel(2) },
    ],
    shares: [0, 0.1, 1],
    answers: [200],
    students: [{ ...SMALL, epochs: 10 }],
    answerTokens: 150,
    temperature: 1,
    seeds: ["1"],
    rounds: 1,
    removals: [],
    cleanControls: 20,
    controlTranscripts: 8,
    wrongKeys: 1000,
    closedAnswers: 40,
    baseAnswers: 0,
  },
  full: {
    name: "full",
    schemes: [
      { label: "kgw h=1", config: kgw(1) },
      { label: "kgw h=2", config: kgw(2) },
      { label: "kgw h=3", config: kgw(3) },
      { label: "gumbel h=1", config: gumbel(1) },
      { label: "gumbel h=2", config: gumbel(2) },
      { label: "gumbel h=4", config: gumbel(4) },
      { label: "synthid h=1", config: synthid(1) },
      { label: "synthid h=2", config: synthid(2) },
      { label: "dual-gumbel h=2", config: { scheme: "dual-gumbel", contextWidth: 2, shareB: 0.1 } },
    ],
    shares: [0, 0.01, 0.05, 0.1, 0.5, 1],
    answers: [300, 1000, 3000],
    students: [
      SMALL,
      { ...SMALL, label: "2.1 M", layers: 3, width: 192, heads: 3, hidden: 512 },
      { ...SMALL, label: "0.9 M from base", start: "base" },
    ],
    answerTokens: 200,
    temperature: 1,
    seeds: ["1", "2", "3"],
    rounds: 3,
    removals: removalNames,
    cleanControls: 100,
    controlTranscripts: 50,
    wrongKeys: 1000,
    closedAnswers: 200,
    baseAnswers: 2000,
  },
});
