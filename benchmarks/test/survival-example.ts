import seedrandom from "seedrandom";
import type {
  AdversaryPoint,
  Cell,
  MeanWithInterval,
  MeasuredCell,
  QualityRow,
  SchemeFacts,
  SurvivalResults,
  TailCounts,
} from "../src/survival/results.ts";

/** Evidence a token of the made-up schemes, in log10 units, as written. */
const EVIDENCE = { alpha: 0.12, beta: 0.09, gamma: 0.16, engine: 0.1 } as const;
type Label = keyof typeof EVIDENCE;

const SCHEMES: readonly SchemeFacts[] = [
  { label: "unmarked", config: null, distortionFree: true, engine: null },
  { label: "alpha", config: { scheme: "gumbel", contextWidth: 3 }, distortionFree: true, engine: null },
  { label: "beta", config: { scheme: "synthid" }, distortionFree: true, engine: null },
  { label: "gamma", config: { scheme: "kgw", delta: 2 }, distortionFree: false, engine: null },
  { label: "engine", config: { scheme: "hf-synthid/cpu-table" }, distortionFree: true, engine: "hf-synthid/cpu-table" },
];

/** Share of the evidence that is left after an attack, at strength 1. */
const LEFT = { none: 1, delete: 0.2, "copy-paste": 0.1, "round-trip": 0.15 } as const;
const STRENGTHS = { none: [0], delete: [0.1, 0.3, 0.5], "copy-paste": [0.5, 0.9], "round-trip": [0.5, 1] } as const;

function around(mean: number, half: number): MeanWithInterval {
  return { mean, lower: mean - half, upper: mean + half };
}

/** Results as a run might give them, from a seed: made up, to test what is made of results. */
export function survivalExample(seed = "example", change: Partial<SurvivalResults> = {}): SurvivalResults {
  const random = seedrandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const seeds = ["1", "2"];
  const lengths = [50, 100, 200];
  const texts = 20;
  const tails = (tests: number): TailCounts => {
    const draws = Array.from({ length: tests }, random);
    return { tests, atOrBelow: [1e-2, 1e-3, 1e-6].map((rate) => draws.filter((p) => p <= rate).length) };
  };
  const labels = Object.keys(EVIDENCE) as Label[];
  const measured = (
    scheme: Label,
    attack: keyof typeof LEFT,
    strength: number,
    length: number,
    s: string,
  ): MeasuredCell => {
    const left = 1 - strength * (1 - LEFT[attack]);
    const mean = length * EVIDENCE[scheme] * left ** 2;
    return {
      model: "small",
      scheme,
      attack,
      strength,
      length,
      seed: s,
      status: "measured",
      log10PValues: Array.from({ length: texts }, () => Math.min(0, -mean - Math.sqrt(mean) * normal())),
      tokensScored: Array.from({ length: texts }, () => Math.round(length * left)),
      nullLog10PValues: Array.from({ length: texts }, () => Math.log10(1 - random())),
      change: { editDistance: strength, ngramSurvival: [1, 2, 3, 4, 5].map((n) => left ** n) },
      unmarked: tails(300),
      wrongKey: tails(300),
    };
  };
  const cells: Cell[] = labels.flatMap((scheme) =>
    (Object.keys(LEFT) as (keyof typeof LEFT)[]).flatMap((attack) =>
      STRENGTHS[attack].flatMap((strength) =>
        lengths.flatMap((length) => seeds.map((s) => measured(scheme, attack, strength, length, s))),
      ),
    ),
  );
  const quality = SCHEMES.flatMap(({ label, distortionFree }) =>
    seeds.map(
      (s): QualityRow => ({
        model: "small",
        scheme: label,
        seed: s,
        texts,
        ownPerplexity: around(12 + (distortionFree ? 0 : 2) + 0.2 * normal(), 0.5),
        judgeBitsPerByte: around(1.1 + (distortionFree ? 0 : 0.08) + 0.01 * normal(), 0.02),
        judgePerplexity: around(30 + normal(), 2),
        distinct: [0.5, 0.8, 0.95].map((mean) => around(mean, 0.02)),
        selfBleu: around(label === "alpha" ? 0.3 : 0.1, 0.03),
        loopRate: { count: Math.floor(3 * random()), texts },
      }),
    ),
  );
  const adversaries = labels.flatMap((scheme) =>
    [1000, 10_000, 100_000].flatMap((tokensSeen, step): AdversaryPoint[] => [
      {
        adversary: "stealing",
        model: "small",
        scheme,
        seed: "1",
        tokensSeen,
        texts,
        spoofed: scheme === "gamma" ? 8 * step : 0,
        spoofedAnyQuality: scheme === "gamma" ? 9 * step : 1,
        medianSpoofLog10PValue: scheme === "gamma" ? -2 * step - 0.3 : -0.3,
        perplexityRatio: 1.2,
        foundAfterScrub: scheme === "gamma" ? 18 - 7 * step : 18,
        foundBeforeScrub: 20,
        scrubEditDistance: 0.2,
      },
      {
        adversary: "presence",
        model: "small",
        scheme,
        seed: "1",
        tokensSeen,
        tries: 20,
        suspected: scheme === "alpha" ? 10 * step : 0,
        medianLog10PValue: -0.3,
      },
    ]),
  );
  return {
    benchmark: "survival",
    format: 1,
    suite: "example",
    date: "2026-01-01",
    versions: { "@tokenmark/core": "0.1.0", node: "20.19.0" },
    machine: "2 cores",
    settings: {
      temperature: 1,
      topK: 0,
      topP: 1,
      texts,
      lengths,
      seeds,
      promptSet: { name: "prompts", sha256: "ab".repeat(32), count: 20 },
    },
    models: [{ name: "small", tokenizerSha256: "cd".repeat(32), vocabularySize: 8000, judge: "judge" }],
    schemes: SCHEMES,
    attacks: [
      { name: "delete", summary: "Deletes words.", strengthMeans: "words deleted", tool: null },
      {
        name: "copy-paste",
        summary: "Surrounds the text with human text.",
        strengthMeans: "text that is not marked",
        tool: null,
      },
      {
        name: "round-trip",
        summary: "Translates there and back.",
        strengthMeans: "sentences translated",
        tool: "Apertium 3.8.3",
      },
    ],
    cells,
    quality,
    distribution: labels.map((scheme) => ({
      model: "small",
      scheme,
      claimsDistortionFree: scheme !== "gamma",
      contexts: 10,
      keys: 2000,
      smallestHolmPValue: scheme === "gamma" ? 1e-30 : 0.4,
      rejected: scheme === "gamma" ? 10 : 0,
    })),
    adversaries,
    failures: [],
    ...change,
  };
}

/** The same results with each cell changed. */
export function withCells(results: SurvivalResults, change: (cell: MeasuredCell) => Cell): SurvivalResults {
  return { ...results, cells: results.cells.map((cell) => (cell.status === "measured" ? change(cell) : cell)) };
}

/** The example with the evidence of alpha's cells after an attack weakened by a factor. */
export function weakened(factor: number): SurvivalResults {
  return withCells(survivalExample(), (cell) =>
    cell.scheme === "alpha" && cell.attack !== "none"
      ? { ...cell, log10PValues: cell.log10PValues.map((value) => factor * value) }
      : cell,
  );
}
