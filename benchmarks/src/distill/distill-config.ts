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

/** A way to mark that is to outlive neutralisation: answers are marked by the parts in turn, each under a key of its own. */
export interface DefenceSpec {
  readonly label: string;
  readonly parts: readonly AnySchemeConfig[];
}

/** Names of the runs that come with the benchmark. */
export const distillRunNames = [
  "quick",
  "shares",
  "removals",
  "defences",
  "tracing",
  "controls",
  "sweep",
  "full",
] as const;
export type DistillRunName = (typeof distillRunNames)[number];

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
  epochs: 20,
  start: "scratch",
};
/** Reads its answers less often: for runs of many students. */
const BRIEF: StudentSpec = { ...SMALL, epochs: 12 };
const LARGER: StudentSpec = { ...SMALL, label: "2.1 M", layers: 3, width: 192, heads: 3, hidden: 512 };

const kgw = (contextWidth: number): AnySchemeConfig => ({
  scheme: "kgw",
  gamma: 0.25,
  delta: 2,
  seeding: contextWidth === 1 ? "lefthash" : "minhash",
  contextWidth,
});
const gumbel = (contextWidth: number): AnySchemeConfig => ({ scheme: "gumbel", contextWidth });
const synthid = (contextWidth: number): AnySchemeConfig => ({ scheme: "synthid", depth: 30, leaves: 2, contextWidth });

const MARKS: DistillConfig["schemes"] = [
  { label: "kgw h=1", config: kgw(1) },
  { label: "kgw h=2", config: kgw(2) },
  { label: "gumbel h=1", config: gumbel(1) },
  { label: "gumbel h=2", config: gumbel(2) },
];

const DEFENCES: readonly DefenceSpec[] = [
  { label: "one key, kgw h=1", parts: [kgw(1)] },
  { label: "8 epoch keys, kgw h=1", parts: Array.from({ length: 8 }, () => kgw(1)) },
  { label: "whole text, unigram", parts: [{ scheme: "unigram", gamma: 0.5, delta: 2 }] },
  { label: "one key, gumbel h=1", parts: [gumbel(1)] },
  { label: "widths 1, 2 and 3, gumbel", parts: [gumbel(1), gumbel(2), gumbel(3)] },
  { label: "dual keys, dual-gumbel h=1", parts: [{ scheme: "dual-gumbel", contextWidth: 1, shareB: 0.3 }] },
];

/** Nothing but students of several marked shares: what the others add to. */
const BASE: DistillConfig = {
  name: "base",
  schemes: MARKS,
  shares: [0, 0.1, 1],
  answers: [200],
  students: [SMALL],
  prompts: "bundled",
  answerTokens: 150,
  temperatures: [1],
  seeds: ["1"],
  rounds: 1,
  removals: [],
  neutralisers: [1, 2, 4],
  defences: [],
  tracing: null,
  cleanControls: 0,
  controlTranscripts: 8,
  wrongKeys: 1000,
  closedAnswers: 40,
  baseAnswers: 0,
};

/** Runs by name. `quick` takes a quarter of an hour on two cores; the parts of `full` some half an hour each, and `full` a day. */
export const distillRuns: Readonly<Record<DistillRunName, DistillConfig>> = Object.freeze({
  quick: { ...BASE, name: "quick", students: [BRIEF], cleanControls: 20 },
  shares: {
    ...BASE,
    name: "shares",
    shares: [0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1],
    answerTokens: 100,
    answers: [300],
    students: [BRIEF],
    wrongKeys: 0,
    closedAnswers: 0,
  },
  removals: {
    ...BASE,
    name: "removals",
    answers: [120],
    students: [BRIEF],
    shares: [0],
    answerTokens: 100,
    removals: removalNames,
    wrongKeys: 0,
    closedAnswers: 0,
  },
  defences: {
    ...BASE,
    name: "defences",
    schemes: [],
    shares: [],
    answers: [120],
    students: [BRIEF],
    answerTokens: 100,
    seeds: ["1", "2", "3", "4", "5"],
    defences: DEFENCES,
    wrongKeys: 0,
    closedAnswers: 0,
  },
  tracing: {
    ...BASE,
    name: "tracing",
    students: [BRIEF],
    shares: [],
    tracing: { registered: 1000, alpha: 0.01 },
    wrongKeys: 0,
    closedAnswers: 0,
  },
  controls: {
    ...BASE,
    name: "controls",
    // A biased mark and one that is free of distortion, a narrow one and a wide one.
    schemes: MARKS.filter(({ label }) => label === "kgw h=1" || label === "gumbel h=2"),
    shares: [],
    students: [{ ...SMALL, epochs: 6 }],
    answerTokens: 100,
    cleanControls: 100,
    wrongKeys: 0,
    closedAnswers: 0,
  },
  sweep: {
    ...BASE,
    name: "sweep",
    schemes: MARKS.filter(({ label }) => label.endsWith("h=1")),
    shares: [0, 1],
    answerTokens: 100,
    answers: [100, 300],
    students: [SMALL, LARGER, { ...SMALL, label: "0.9 M from base", start: "base" }],
    temperatures: [1, 0.7],
    rounds: 2,
    wrongKeys: 100,
    baseAnswers: 300,
  },
  full: {
    ...BASE,
    name: "full",
    schemes: [
      ...MARKS,
      { label: "kgw h=3", config: kgw(3) },
      { label: "gumbel h=4", config: gumbel(4) },
      { label: "synthid h=1", config: synthid(1) },
      { label: "synthid h=2", config: synthid(2) },
      { label: "dual-gumbel h=2", config: { scheme: "dual-gumbel", contextWidth: 2, shareB: 0.1 } },
    ],
    shares: [0, 0.01, 0.05, 0.1, 0.5, 1],
    answers: [300, 1000, 3000],
    students: [SMALL, LARGER, { ...SMALL, label: "0.9 M from base", start: "base" }],
    answerTokens: 200,
    temperatures: [1, 0.7],
    seeds: ["1", "2", "3", "4", "5"],
    rounds: 3,
    removals: removalNames,
    defences: DEFENCES,
    tracing: { registered: 1000, alpha: 0.01 },
    cleanControls: 100,
    controlTranscripts: 50,
    closedAnswers: 200,
    baseAnswers: 2000,
  },
});
