import { defaultSchemeConfig } from "@tokenmark/core";
import type { AttackSpec, SchemeSpec, SurvivalConfig } from "./survival-config.ts";

/** Our schemes at their defaults, and the two engines' marks that most servers write. */
const QUICK_SCHEMES: readonly SchemeSpec[] = [
  { label: "gumbel", config: defaultSchemeConfig("gumbel") },
  { label: "dual-gumbel", config: defaultSchemeConfig("dual-gumbel") },
  { label: "synthid", config: defaultSchemeConfig("synthid") },
  { label: "kgw", config: defaultSchemeConfig("kgw") },
  { label: "unigram", config: defaultSchemeConfig("unigram") },
  { label: "hf-kgw", config: { scheme: "hf-kgw-lefthash/cpu" } },
  { label: "hf-synthid", config: { scheme: "hf-synthid/cpu-table" } },
];

/** Settings worth comparing: widths, bias, depth; and more engines. */
const MORE_SCHEMES: readonly SchemeSpec[] = [
  ...QUICK_SCHEMES,
  { label: "gumbel h=1", config: { scheme: "gumbel", contextWidth: 1 } },
  { label: "gumbel h=2", config: { scheme: "gumbel", contextWidth: 2 } },
  { label: "gumbel h=3", config: { scheme: "gumbel", contextWidth: 3 } },
  { label: "synthid h=1", config: { scheme: "synthid", depth: 30, leaves: 2, contextWidth: 1 } },
  { label: "synthid h=2", config: { scheme: "synthid", depth: 30, leaves: 2, contextWidth: 2 } },
  { label: "synthid m=10", config: { scheme: "synthid", depth: 10, leaves: 2, contextWidth: 4 } },
  { label: "dual-gumbel h=2", config: { scheme: "dual-gumbel", contextWidth: 2, shareB: 0.1 } },
  { label: "kgw lefthash h=1", config: { scheme: "kgw", gamma: 0.25, delta: 2, seeding: "lefthash", contextWidth: 1 } },
  { label: "kgw minhash h=3", config: { scheme: "kgw", gamma: 0.25, delta: 2, seeding: "minhash", contextWidth: 3 } },
  { label: "kgw d=4", config: { scheme: "kgw", gamma: 0.25, delta: 4, seeding: "selfhash", contextWidth: 3 } },
  { label: "kgw g=.5", config: { scheme: "kgw", gamma: 0.5, delta: 2, seeding: "selfhash", contextWidth: 3 } },
  { label: "unigram d=1", config: { scheme: "unigram", gamma: 0.5, delta: 1 } },
  { label: "vllm-gumbel", config: { scheme: "vllm-gumbel/philox4x32-10-v1" } },
  { label: "sglang-gumbel", config: { scheme: "sglang-gumbel/murmur3-32" } },
  { label: "textseal-dual", config: { scheme: "textseal-dual/v0.2", ngram: 3 } },
];

const QUICK_ATTACKS: readonly AttackSpec[] = [
  { attack: "delete", strengths: [0.1, 0.3] },
  { attack: "swap", strengths: [0.3] },
  { attack: "misspell", strengths: [0.1] },
  { attack: "homoglyph", strengths: [0.02] },
  { attack: "synonyms", strengths: [0.5] },
  { attack: "copy-paste-3", strengths: [0.75] },
  { attack: "truncate", strengths: [0.5] },
  { attack: "shuffle", strengths: [0.5] },
  { attack: "round-trip-es", strengths: [0.5, 1] },
  { attack: "resample", strengths: [0.3] },
];

const ALL_ATTACKS: readonly AttackSpec[] = [
  { attack: "delete", strengths: [0.05, 0.1, 0.2, 0.3, 0.5] },
  { attack: "insert", strengths: [0.1, 0.3, 0.5] },
  { attack: "swap", strengths: [0.1, 0.3, 0.5] },
  { attack: "misspell", strengths: [0.05, 0.1, 0.3] },
  { attack: "homoglyph", strengths: [0.01, 0.05, 0.2] },
  { attack: "zero-width", strengths: [0.01, 0.05, 0.2] },
  { attack: "case", strengths: [0.1, 0.3, 1] },
  { attack: "punctuation", strengths: [0.3, 1] },
  { attack: "synonyms", strengths: [0.2, 0.5, 1] },
  { attack: "copy-paste-1", strengths: [0.5, 0.75, 0.9] },
  { attack: "copy-paste-3", strengths: [0.5, 0.75, 0.9] },
  { attack: "copy-paste-5", strengths: [0.5, 0.75, 0.9] },
  { attack: "truncate", strengths: [0.25, 0.5, 0.75] },
  { attack: "shuffle", strengths: [0.5, 1] },
  { attack: "normalize", strengths: [0.5, 1] },
  { attack: "round-trip-es", strengths: [0.25, 0.5, 1] },
  { attack: "round-trip-ca", strengths: [1] },
  { attack: "round-trip-eo", strengths: [1] },
  { attack: "round-trip-ca-es", strengths: [1] },
  { attack: "resample", strengths: [0.1, 0.2, 0.3, 0.5, 0.7] },
  { attack: "paraphrase", strengths: [0.5, 1] },
];

/**
 * Less than full entropy, as a server draws. Lengths stay within the 256 positions that the shipped model was trained on.
 */
const COMMON = {
  models: [{ kind: "shipped" }],
  judge: { kind: "shipped-judge" },
  prompts: "bundled",
  sampling: { temperature: 0.8, topK: 0, topP: 0.95 },
} as const satisfies Partial<SurvivalConfig>;

/** What a thief learns, up to 100,000 tokens, and little else. */
const THEFT: readonly SchemeSpec[] = MORE_SCHEMES.filter(({ label }) =>
  ["unigram", "kgw lefthash h=1", "kgw", "gumbel", "dual-gumbel", "synthid"].includes(label),
);

export const suiteNames = ["quick", "standard", "full", "thief"] as const;
export type SuiteName = (typeof suiteNames)[number];

/** The suites by name. `quick` takes under ten minutes on two cores, `thief` some forty, `standard` hours and `full` a day. */
export const suites: Readonly<Record<SuiteName, SurvivalConfig>> = Object.freeze({
  quick: {
    ...COMMON,
    name: "quick",
    schemes: QUICK_SCHEMES,
    lengths: [60, 150],
    attacks: QUICK_ATTACKS,
    seeds: ["1"],
    texts: 40,
    controlKeys: 5,
    diversity: { prompts: 4, answers: 4, tokens: 60 },
    distribution: { contexts: 12, keys: 1000, biased: ["kgw"] },
    adversaries: {
      tokensSeen: [500, 2000],
      tokensAsked: [250, 1000],
      schemes: ["unigram", "hf-kgw", "gumbel", "dual-gumbel"],
      texts: 8,
      tries: 5,
    },
  },
  standard: {
    ...COMMON,
    name: "standard",
    schemes: MORE_SCHEMES,
    lengths: [50, 100, 200],
    attacks: ALL_ATTACKS,
    seeds: ["1"],
    texts: 60,
    controlKeys: 5,
    diversity: { prompts: 8, answers: 6, tokens: 100 },
    distribution: { contexts: 25, keys: 2000, biased: ["kgw"] },
    adversaries: {
      tokensSeen: [1000, 10_000, 100_000],
      tokensAsked: [250, 500, 1000, 2000, 5000],
      schemes: ["unigram", "kgw lefthash h=1", "kgw", "gumbel h=1", "gumbel", "synthid", "dual-gumbel"],
      texts: 20,
      tries: 20,
    },
  },
  full: {
    ...COMMON,
    name: "full",
    schemes: MORE_SCHEMES,
    lengths: [25, 50, 100, 200],
    attacks: ALL_ATTACKS,
    seeds: ["1", "2", "3"],
    texts: 200,
    controlKeys: 10,
    diversity: { prompts: 20, answers: 8, tokens: 150 },
    distribution: { contexts: 50, keys: 4000, biased: ["kgw", "unigram"] },
    adversaries: {
      tokensSeen: [1000, 10_000, 100_000],
      tokensAsked: [250, 500, 1000, 2000, 5000],
      schemes: MORE_SCHEMES.map(({ label }) => label),
      texts: 50,
      tries: 50,
    },
  },
  thief: {
    ...COMMON,
    name: "thief",
    schemes: THEFT,
    lengths: [60],
    attacks: [],
    seeds: ["1"],
    texts: 4,
    controlKeys: 1,
    diversity: { prompts: 1, answers: 2, tokens: 8 },
    distribution: { contexts: 0, keys: 100, biased: [] },
    adversaries: {
      tokensSeen: [1000, 10_000, 100_000],
      tokensAsked: [250, 500, 1000, 2000],
      schemes: THEFT.map(({ label }) => label),
      texts: 20,
      tries: 10,
    },
  },
});
