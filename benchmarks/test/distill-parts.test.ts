import { createScheme, type LogitReader } from "@tokenmark/core";
import type { Transcript } from "@tokenmark/radioactivity";
import { testKey } from "@tokenmark/testkit";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import type { ModeResult } from "../src/distill/audit-student.ts";
import { checkDistillConfig } from "../src/distill/check-distill-config.ts";
import type { DistillConfig } from "../src/distill/distill-config.ts";
import { countRejections } from "../src/distill/distill-report.ts";
import type { StudentRow } from "../src/distill/distill-results.ts";
import { distillRuns, fullRuns } from "../src/distill/distill-runs.ts";
import { neutralised } from "../src/distill/neutralise.ts";
import { humanRows, removalNames } from "../src/distill/removal.ts";
import { testSigned } from "../src/distill/signed-test.ts";
import { smallestShare } from "../src/distill/smallest-share.ts";
import { mixAnswers } from "../src/distill/training-set.ts";

const mark = { scheme: "kgw", gamma: 0.25, delta: 2, seeding: "lefthash", contextWidth: 1 } as const;

describe("a distillation config", () => {
  it.each<[Partial<DistillConfig> | object, RegExp]>([
    [{ temperatures: [0] }, /^temperatures\[0\]: wanted a number above 0, got 0$/],
    [{ shares: [0.1, 2] }, /^shares\[1\]: wanted a number from 0 to 1, got 2$/],
    [{ students: [{ label: "x" }] }, /^students\[0\].layers: wanted an integer/],
    [{ removals: ["burn"] }, /^removals\[0\]: wanted one of none, .*got "burn"$/],
    [{ tracing: { registered: 1, alpha: 0.01 } }, /^tracing.registered: wanted an integer of at least 2/],
    [{ schemes: [{ label: "x", config: { scheme: "nobody's" } }] }, /kgw, unigram, synthid/],
    [{ schemes: [distillRuns.quick.schemes[0], distillRuns.quick.schemes[0]] }, /^schemes: wanted each once/],
    [
      { students: [{ ...distillRuns.quick.students[0], start: "base" }] },
      /^baseAnswers: wanted .* from a base, got 0$/,
    ],
    [
      { schemes: [{ label: "a", config: { scheme: "textseal-synthid/v0.1" } }] },
      /^schemes: wanted marks with a known law and a key of their own, got "textseal-synthid\/v0\.1"$/,
    ],
    [
      { defences: [{ label: "a", parts: [{ scheme: "tgi-kgw/cpu", vocab_size: 4096 }] }] },
      /^schemes: wanted marks with a known law and a key of their own, got "tgi-kgw\/cpu"$/,
    ],
    [{ datasets: { "no such": "x" } }, /^datasets: wanted labels among unmarked, kgw h=1, .*got "no such"$/],
    [
      { datasets: { unmarked: "x" }, temperatures: [1, 0.7] },
      /^temperatures: wanted one beside datasets.* got \[1,0\.7\]$/,
    ],
    [{ shares: [0.001] }, /^shares: wanted shares of at least one answer in 200, got 0\.001$/],
    [
      { students: [{ ...distillRuns.quick.students[0], width: 30, heads: 4 }] },
      /^students: wanted widths that their heads divide/,
    ],
    [{ tracing: { registered: 9, alpha: 0 } }, /^tracing\.alpha: wanted a number/],
    [{ datasetShape: "csv" }, /^datasetShape: wanted one of messages, instruction, got "csv"$/],
    [{ temperature: 1 }, /^config: wanted an object with name, schemes/],
  ])("that cannot run is refused: %j", (change, message) => {
    const wrong = () => checkDistillConfig({ ...distillRuns.quick, ...change } as DistillConfig);
    expect(wrong).toThrow(message);
  });

  it("of each run that comes with the benchmark can run", () => {
    for (const run of Object.values(distillRuns)) expect(() => checkDistillConfig(run)).not.toThrow();
  });

  it("of the full run's parts covers, taken together, what a copier may vary", () => {
    const runs = fullRuns.map((name) => distillRuns[name]);
    const all = <T>(of: (run: DistillConfig) => readonly T[]): Set<T> => new Set(runs.flatMap(of));
    expect(all(({ shares }) => shares)).toEqual(new Set([0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 1]));
    expect(all(({ removals }) => removals)).toEqual(new Set(removalNames));
    expect(all(({ schemes }) => schemes.map(({ config }) => config.scheme)).size).toBeGreaterThanOrEqual(4);
    expect(all(({ students }) => students.map(({ start }) => start))).toEqual(new Set(["scratch", "base"]));
    expect(all(({ answers }) => answers)).toEqual(new Set([100, 120, 200, 300, 1000]));
    expect(all(({ temperatures }) => temperatures).size).toBeGreaterThan(1);
    expect(Math.max(...all(({ rounds }) => [rounds]))).toBeGreaterThan(2);
    expect(Math.max(...all(({ cleanControls }) => [cleanControls]))).toBeGreaterThanOrEqual(100);
    expect(Math.min(...runs.filter(({ defences }) => defences.length > 3).map(({ seeds }) => seeds.length))).toBe(5);
  });
});

describe("a signed test", () => {
  const VOCABULARY = 200;
  const random = seedrandom("signed");
  const token = (): number => Math.floor(VOCABULARY * random() ** 2);
  const transcripts = Array.from(
    { length: 30 },
    (): Transcript => ({ prompt: [token()], tokens: Array.from({ length: 80 }, token) }),
  );
  const schemesOf = (name: string) => ["a", "b"].map((part) => createScheme(mark, testKey(`${name} ${part}`)));
  /** Predictions of which a share is drawn until it is green (or red) behind the token before. */
  const readings = (share: number, wanted: 0 | 1, keys = "one") =>
    schemesOf(keys).map((scheme, k) => {
      const own = transcripts.filter((_, i) => i % 2 === k);
      const predictions = own.map(({ prompt, tokens }) =>
        Int32Array.from(tokens, (_, i) => {
          const before = [i === 0 ? Array.from(prompt)[0]! : Array.from(tokens)[i - 1]!];
          let predicted = token();
          if (random() < share) while (scheme.score(before, predicted) !== wanted) predicted = token();
          return predicted;
        }),
      );
      return { scheme, transcripts: own, predictions };
    });

  it("sees a student that follows its keys and one that shuns them, the first from one side alone", () => {
    const follows = testSigned(readings(0.3, 1), transcripts);
    expect(follows.log10PValue).toBeLessThan(-6);
    expect(follows.eitherWayLog10PValue).toBeLessThan(-6);
    const shuns = testSigned(readings(0.6, 0), transcripts);
    expect(shuns.zScore).toBeLessThan(-5);
    expect(shuns.log10PValue).toBeGreaterThan(-0.01);
    expect(shuns.eitherWayLog10PValue).toBeLessThan(-4);
  });

  it("says of nobody what chance does not (300 tests at .05, both ways: 4 to 28)", () => {
    const below = [0, 0];
    for (let i = 0; i < 300; i++) {
      const test = testSigned(readings(0, 1, `null ${i}`), transcripts);
      below[0]! += +(test.log10PValue <= Math.log10(0.05));
      below[1]! += +(test.eitherWayLog10PValue <= Math.log10(0.05));
    }
    for (const count of below) {
      expect(count).toBeGreaterThanOrEqual(4);
      expect(count).toBeLessThanOrEqual(28);
    }
  });
});

describe("the smallest share", () => {
  const N = 20_000;
  const open = (share: number, excess: number): ModeResult => {
    const units = Math.round(N * share);
    const statistic = Math.round(units * (0.25 + excess));
    const z = (units * excess) / Math.sqrt(units * 0.25 * 0.75);
    return {
      mode: "open",
      tokensScored: units,
      statistic,
      meanScore: statistic / units,
      expectedScore: 0.25,
      zScore: z,
      pValue: 0,
      // Good enough where it is read: near the level.
      log10PValue: Math.log10(Math.exp(-(z ** 2) / 2) / (z * Math.sqrt(2 * Math.PI))),
      tail: "exact",
      positions: units,
      copied: 0,
      repeated: 0,
      interval: { lower: 0, upper: 1 },
      wrongKeys: null,
      unitsToLevel: null,
      clusters: Array.from({ length: 10 }, () => [units / 10, statistic / 10] as const),
      planned: null,
    };
  };
  const row = (share: number, excess: number, seed = "1"): StudentRow =>
    ({ scheme: mark, share, seed, modes: [open(share, excess)] }) as unknown as StudentRow;
  const shares = [0.05, 0.1, 0.15, 0.18, 0.3, 0.5, 1];

  it("is planned from the largest share and a tenth of it by the power that joins them, and measured on the line", () => {
    // Excess .08 · share^.5; z = share · .08 · √(20,000 / .1875) = 4.26 at the level, so share .163.
    const rows = shares.map((share) => row(share, 0.08 * Math.sqrt(share)));
    const { measured, found, planned, plannedLinear, seeds } = smallestShare(rows);
    expect(found).toBe(0.18);
    expect(measured).toBeCloseTo(0.163, 2);
    expect(planned! / measured!).toBeGreaterThan(0.9);
    expect(planned! / measured!).toBeLessThan(1.1);
    // With the excess linear, z = share^1.5 · .08 · √(20,000 / .1875) = 4.26 at .298.
    expect(plannedLinear).toBeCloseTo(0.298, 1);
    expect(seeds).toEqual([{ seed: "1", measured, found, planned, plannedLinear }]);
  });

  it("is planned for each seed from the others, and measured by the median", () => {
    const rows = [
      ...shares.map((share) => row(share, 0.08 * Math.sqrt(share))),
      ...shares.map((share) => row(share, 0.08 * Math.sqrt(share), "2")),
      ...shares.map((share) => row(share, 0.3 * Math.sqrt(share), "3")),
    ];
    const { measured, found, seeds } = smallestShare(rows);
    expect(found).toBe(0.18);
    expect(measured).toBeCloseTo(0.163, 2);
    const [first, second, third] = seeds;
    // The loud third seed is planned from the quiet ones; those from one quiet and the loud one.
    expect(third!.planned).toBeCloseTo(smallestShare(rows.slice(0, shares.length)).planned!, 6);
    expect(first!.planned).toBe(second!.planned);
    expect(first!.planned!).toBeLessThan(third!.planned!);
    // All shares that were tried are enough for the third.
    expect(third).toMatchObject({ measured: null, found: 0.05 });
  });

  it("is none where nothing was found, and clean students are no pilots", () => {
    const rows = [0, 0.1, 0.5, 1].map((share) => row(share, 0.0005));
    expect(smallestShare(rows)).toMatchObject({ measured: null, found: null, planned: null, plannedLinear: null });
  });
});

describe("parts of a removal", () => {
  it("takes what was learnt from the scores of the position alone that it was learnt for", async () => {
    const reader: LogitReader = {
      async *read(tokens) {
        for (let i = 0; i < tokens.length; i++) yield Float32Array.of(0, 0, 0);
      },
    };
    const learnt = {
      knowledge: { width: 1, decides: "sequence" as const },
      scores: {
        score: () => 0,
        bias: (logits: Float32Array, context: ArrayLike<number>, strength: number) => {
          if (context[0] === 2) logits[1]! += strength;
        },
      },
    };
    const read = [];
    for await (const logits of neutralised(reader, [learnt], 3).read([2, 0, 2])) read.push(Array.from(logits));
    expect(read).toEqual([
      [0, -3, 0],
      [0, 0, 0],
      [0, -3, 0],
    ]);
  });

  it("cuts text by people into pieces as long as answers, none of them twice", () => {
    const tokenizer = { encode: (text: string) => Array.from(text, (c) => c.charCodeAt(0)), decode: () => "" };
    const rows = Array.from({ length: 9 }, () => ({ prompt: "", promptTokens: [], tokens: [1, 2, 3] }));
    const pieces = humanRows("abcdefgh", rows, tokenizer);
    expect(pieces.map(({ tokens }) => String.fromCharCode(...tokens))).toEqual(["abc", "def"]);
  });
});

describe("parts of the distillation", () => {
  const row = (token: number) => ({ prompt: "", promptTokens: [], tokens: [token] });

  it("mixes the share that was asked for, the same for a seed and another for another", () => {
    const marked = Array.from({ length: 50 }, (_, i) => row(i));
    const unmarked = Array.from({ length: 50 }, (_, i) => row(1000 + i));
    const set = mixAnswers(marked, unmarked, 0.1, "a");
    expect(set.marked).toHaveLength(5);
    set.rows.forEach(({ tokens }, i) => {
      expect(tokens[0]).toBe(set.marked.includes(i) ? i : 1000 + i);
    });
    expect(mixAnswers(marked, unmarked, 0.1, "a")).toEqual(set);
    expect(mixAnswers(marked, unmarked, 0.1, "b").marked).not.toEqual(set.marked);
    expect(mixAnswers(marked, unmarked, 0, "a").rows).toEqual(unmarked);
    expect(mixAnswers(marked, unmarked, 1, "a").rows).toEqual(marked);
  });

  it("counts rejections with the exact interval", () => {
    const controls = Array.from({ length: 100 }, (_, i) => ({
      label: "s",
      student: "t",
      control: i,
      tokensScored: 1,
      pValue: (i + 0.5) / 100,
      randomisedPValue: (i + 0.5) / 100,
      log10PValue: Math.log10((i + 0.5) / 100),
    }));
    const { rejected, tests, interval, ksPValue } = countRejections(controls);
    expect([rejected, tests]).toEqual([1, 100]);
    expect(interval[0]).toBeCloseTo(0.00025, 4);
    expect(interval[1]).toBeCloseTo(0.0545, 3);
    expect(ksPValue).toBeGreaterThan(0.9);
  });
});
