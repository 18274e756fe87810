import type { AnySchemeConfig } from "@tokenmark/core";
import type { DefenceSpec, DistillConfig, StudentSpec } from "./distill-config.ts";
import { removalNames } from "./removal.ts";

const SMALL: StudentSpec = {
  label: "0.9 M",
  layers: 2,
  width: 128,
  heads: 2,
  hidden: 344,
  epochs: 12,
  start: "scratch",
};
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

/** More widths, and the marks free of distortion that draw among candidates or under two keys. */
const MORE_MARKS: DistillConfig["schemes"] = [
  ...MARKS,
  { label: "kgw h=3", config: kgw(3) },
  { label: "gumbel h=4", config: gumbel(4) },
  { label: "synthid h=1", config: synthid(1) },
  { label: "synthid h=2", config: synthid(2) },
  { label: "dual-gumbel h=2", config: { scheme: "dual-gumbel", contextWidth: 2, shareB: 0.1 } },
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
  datasets: {},
  datasetShape: "messages",
  answerTokens: 150,
  temperatures: [1],
  seeds: ["1"],
  rounds: 1,
  removals: [],
  neutralisers: [1, 2, 4],
  defences: [],
  tracing: null,
  cleanControls: 0,
  cleanEpochs: 6,
  controlTranscripts: 8,
  wrongKeys: 1000,
  closedAnswers: 40,
  closedTemperature: 0.8,
  baseAnswers: 0,
};

const SCHEMES: DistillConfig = {
  ...BASE,
  name: "schemes",
  schemes: MORE_MARKS,
  shares: [0, 1],
  answerTokens: 100,
  answers: [300],
  seeds: ["1", "2", "3"],
  wrongKeys: 100,
  closedAnswers: 100,
};

/** The marks that students learn best, on few answers: for what is varied beside the mark. */
const NARROW: DistillConfig = {
  ...BASE,
  schemes: MARKS.filter(({ label }) => label.endsWith("h=1")),
  shares: [0, 1],
  answerTokens: 100,
  answers: [300],
  wrongKeys: 0,
  closedAnswers: 0,
};

/** Names of the runs that come with the benchmark. */
export const distillRunNames = [
  "quick",
  "shares",
  "sizes",
  "schemes",
  "closed-at-1",
  "removals",
  "defences",
  "tracing",
  "controls",
  "temperatures",
  "students",
  "rounds",
] as const;
export type DistillRunName = (typeof distillRunNames)[number];

/** Everything but what the others repeat: hours, one run after the other. */
export const fullRuns: readonly DistillRunName[] = distillRunNames.filter((name) => name !== "quick");

/** Runs by name. `quick` takes 8 to 14 minutes on two cores, the others some half an hour each. */
export const distillRuns: Readonly<Record<DistillRunName, DistillConfig>> = Object.freeze({
  quick: { ...BASE, name: "quick", cleanControls: 20 },
  shares: {
    ...BASE,
    name: "shares",
    shares: [0, 0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 1],
    answerTokens: 100,
    answers: [300],
    seeds: ["1", "2", "3"],
    wrongKeys: 0,
    closedAnswers: 0,
  },
  sizes: {
    ...BASE,
    name: "sizes",
    shares: [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
    answerTokens: 100,
    answers: [100, 1000],
    wrongKeys: 0,
    closedAnswers: 0,
  },
  schemes: SCHEMES,
  // The same students; they write as warm as `audit-model` asks unless told otherwise.
  "closed-at-1": { ...SCHEMES, name: "closed-at-1", closedTemperature: 1 },
  removals: {
    ...BASE,
    name: "removals",
    answers: [300],
    shares: [],
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
    answerTokens: 100,
    seeds: ["1", "2", "3", "4", "5"],
    defences: DEFENCES,
    wrongKeys: 0,
    closedAnswers: 0,
  },
  tracing: {
    ...BASE,
    name: "tracing",
    shares: [],
    tracing: { registered: 1000, alpha: 0.01 },
    wrongKeys: 0,
    closedAnswers: 0,
  },
  controls: {
    ...BASE,
    name: "controls",
    shares: [],
    answerTokens: 100,
    cleanControls: 100,
    wrongKeys: 0,
    closedAnswers: 0,
  },
  temperatures: { ...NARROW, name: "temperatures", temperatures: [1, 0.7] },
  students: {
    ...NARROW,
    name: "students",
    students: [SMALL, LARGER, { ...SMALL, label: "0.9 M from base", start: "base" }],
    baseAnswers: 300,
  },
  rounds: { ...NARROW, name: "rounds", shares: [1], rounds: 3 },
});
